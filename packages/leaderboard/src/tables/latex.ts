import { columnsOf, headingOf, legend } from "./columns.js";
import type { Suite } from "./standings.js";

/** A `tabular` for each setting, with the rules of the package booktabs, under a comment with its name. */
export function latex(suites: readonly Suite[]): string {
  const tables = suites.flatMap((suite) =>
    suite.settings.map((setting) => {
      const columns = columnsOf(setting);
      const line = (cells: readonly string[]) => `${cells.map(escapeLatex).join(" & ")} \\\\`;
      const heading = escapeLatex(headingOf(suite, setting));
      return [
        `% ${heading}`,
        `\\begin{tabular}{${columns.map(({ title }) => (/^(Learner|Run)$/.test(title) ? "l" : "r")).join("")}}`,
        "\\toprule",
        line(columns.map(({ title }) => title)),
        "\\midrule",
        ...setting.rows.map((row) => line(columns.map(({ text }) => text(row)))),
        "\\bottomrule",
        "\\end{tabular}",
        "",
      ].join("\n");
    }),
  );
  return [`% \\usepackage{booktabs}\n% ${escapeLatex(legend)}\n`, ...tables].join("\n");
}

const commands: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
  "<": "\\textless{}",
  ">": "\\textgreater{}",
  "|": "\\textbar{}",
  '"': "{\\char34}",
  "`": "\\textasciigrave{}",
  "±": "$\\pm$",
  "−": "$-$",
  "–": "\\textendash{}",
  "-": "-{}", // before another: no dashes made of hyphens
};

/** Text that LaTeX prints as it is; what breaks lines becomes a space. */
export function escapeLatex(text: string): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .replace(/[\\~^<>|"`±−–{}$&#_%]|-(?=-)/g, (character) => commands[character] ?? `\\${character}`)
    .trim();
}
