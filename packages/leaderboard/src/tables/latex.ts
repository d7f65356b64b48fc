import { apartColumns, apartHeading, authorityOf, notesOf } from "./apart.js";
import { type Column, columnsOf, headingOf, isText, legend } from "./columns.js";
import type { Row, Suite } from "./standings.js";

/** A `tabular` for each setting, with the rules of the package booktabs, under a comment with its name. */
export function latex(suites: readonly Suite[]): string {
  const tables = suites.flatMap((suite) =>
    suite.settings.map((setting) => {
      const heading = escapeLatex(headingOf(suite, setting));
      const notes = notesOf(setting).map((note) => `% ${escapeLatex(note)}`);
      return [
        `% ${heading}`,
        `% ${escapeLatex(authorityOf(suite))}`,
        ...tabular(columnsOf(setting), setting.rows),
        ...(setting.apart.length > 0 ? [`% ${apartHeading}`] : []),
        ...tabular(apartColumns, setting.apart),
        ...notes,
        "",
      ].join("\n");
    }),
  );
  return [`% \\usepackage{booktabs}\n% ${escapeLatex(legend)}\n`, ...tables].join("\n");
}

function tabular(columns: readonly Column[], rows: readonly Row[]): string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]) => `${cells.map(escapeLatex).join(" & ")} \\\\`;
  return [
    `\\begin{tabular}{${columns.map(({ title }) => (isText(title) ? "l" : "r")).join("")}}`,
    "\\toprule",
    line(columns.map(({ title }) => title)),
    "\\midrule",
    ...rows.map((row) => line(columns.map(({ text }) => text(row)))),
    "\\bottomrule",
    "\\end{tabular}",
  ];
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
