import { apartColumns, apartHeading, authorityOf, notesOf } from "./apart.js";
import { type Column, columnsOf, headingOf, isText, legend } from "./columns.js";
import type { Row, Suite } from "./standings.js";

/** A table for each setting, in Markdown with tables as GitHub has them; nothing that a receipt says is more than text. */
export function markdown(suites: readonly Suite[]): string {
  const tables = suites.flatMap((suite) =>
    suite.settings.map((setting) => {
      const table = (columns: readonly Column[], rows: readonly Row[]) =>
        rows.length === 0
          ? []
          : [
              line(columns.map(({ title }) => title)),
              line(columns.map(({ title }) => (isText(title) ? "---" : "---:"))),
              ...rows.map((row) => line(columns.map(({ text }) => escapeMarkdown(text(row))))),
              "",
            ];
      const notes = notesOf(setting);
      return [
        `## ${escapeMarkdown(headingOf(suite, setting))}`,
        "",
        escapeMarkdown(authorityOf(suite)),
        "",
        ...table(columnsOf(setting), setting.rows),
        ...(setting.apart.length > 0 ? [`### ${apartHeading}`, ""] : []),
        ...table(apartColumns, setting.apart),
        ...notes.map((note) => `- ${escapeMarkdown(note)}`),
        ...(notes.length > 0 ? [""] : []),
      ].join("\n");
    }),
  );
  return [...tables, `${legend}\n`].join("\n");
}

const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

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
