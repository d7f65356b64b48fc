import { accuracyText } from "./columns.js";
import type { Row, Setting, Suite } from "./standings.js";

/** The columns of the block of rows that are set apart. */
export const apartColumns: readonly { readonly title: string; readonly text: (row: Row) => string }[] = [
  { title: "Learner", text: ({ label }) => label },
  { title: "Plugin", text: ({ plugin }) => plugin },
  { title: "Run", text: ({ run }) => run.name },
  { title: "Accuracy %", text: accuracyText },
  { title: "Seeds", text: ({ n }) => String(n) },
  { title: "Why", text: ({ reasons }) => reasonsText(reasons) },
];

/** The most reasons that are told of a row. */
const most = 8;

export function reasonsText(reasons: readonly string[]): string {
  const more = reasons.length > most ? [`And ${reasons.length - most} more.`] : [];
  return [...reasons.slice(0, most), ...more].join(" ");
}

export const apartHeading = "Set apart: not comparable with the rows above";

/** The notes of a setting's rows, a line for each row that has some. */
export function notesOf({ rows, apart }: Setting): string[] {
  return [...rows, ...apart].flatMap(({ label, run, notes }) =>
    notes.length === 0 ? [] : [`${label === run.name ? label : `${label} (${run.name})`}: ${notes.join(" ")}`],
  );
}

/** Who says what is comparable in a suite. */
export function authorityOf({ defined }: Suite): string {
  return defined
    ? "Settings as the suite's file states them."
    : "Settings by the receipts' own word: what most of them agree on, as no file of this suite was given.";
}
