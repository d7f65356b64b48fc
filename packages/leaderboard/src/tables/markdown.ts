import { columnsOf, headingOf, legend } from "./columns.js";
import type { Suite } from "./standings.js";

/** A table for each setting, in Markdown with tables as GitHub has them; nothing that a receipt says is more than text. */
export function markdown(suites: readonly Suite[]): string {
  const tables = suites.flatMap((suite) =>
    suite.settings.map((setting) => {
      const columns = columnsOf(setting);
      const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
      return [
        `## ${escapeMarkdown(headingOf(suite, setting))}`,
        "",
        line(columns.map(({ title }) => title)),
        line(columns.map(({ title }) => (/^(Learner|Run)$/.test(title) ? "---" : "---:"))),
        ...setting.rows.map((row) => line(columns.map(({ text }) => escapeMarkdown(text(row))))),
        "",
      ].join("\n");
    }),
  );
  return [...tables, `${legend}\n`].join("\n");
}

/**
 * Text that Markdown shows as it is: every punctuation mark that could mean something has a backslash, what breaks lines
 * becomes a space, and what browsers and GitHub would make a link of (://, www., @) is written in character references.
 */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .replace(/[\\`*_{}[\]()#+!|~>^$=-]/g, "\\$&")
    .replace(/[<&]/g, (character) => (character === "<" ? "&lt;" : "&amp;"))
    .replace(/:(?=\/\/)|@|(?<=www)\./gi, (character) => `&#${character.charCodeAt(0)};`)
    .trim();
}
