import { bytes, none, points, quantity } from "./format.js";
import type { Row, Setting, Suite } from "./standings.js";

/** A column of a table for people. */
export interface Column {
  readonly title: string;
  readonly text: (row: Row) => string;
}

/** The titles of columns that hold text. */
export const isText = (title: string): boolean => /^(Learner|Plugin|Run|Trust|Why)$/.test(title);

const unfinished = ({ diverged, overBudget }: Row): number => diverged + overBudget;

/** The columns of a setting's table: those for which some row has a value. */
export function columnsOf({ rows }: Setting): Column[] {
  const where = (value: (row: Row) => number | null, column: Column): Column[] =>
    rows.some((row) => value(row) !== null) ? [column] : [];
  return [
    { title: "Rank", text: ({ rank }) => (rank === null ? "preview" : String(rank)) },
    { title: "Places", text: placesText },
    { title: "Learner", text: ({ label }) => label },
    { title: "Plugin", text: ({ plugin }) => plugin },
    ...where(({ label, run }) => (label === run.name ? null : 1), { title: "Run", text: ({ run }) => run.name }),
    { title: accuracyTitle(rows), text: accuracyText },
    ...where((row) => row.learningAccuracy, { title: "LA %", text: (row) => points(row.learningAccuracy) }),
    ...where((row) => row.backwardTransferAndInterference, {
      title: "BTI %",
      text: (row) => points(row.backwardTransferAndInterference),
    }),
    ...where((row) => row.forgetting, { title: "Forgetting %", text: (row) => points(row.forgetting) }),
    { title: "Seeds", text: ({ n }) => String(n) },
    ...where((row) => row.gradientsPerExample, {
      title: "Gradients per example",
      text: (row) => quantity(row.gradientsPerExample),
    }),
    ...where((row) => row.bytes, { title: "Memory", text: (row) => bytes(row.bytes) }),
    ...where((row) => row.capacity, { title: "Buffer", text: ({ capacity }) => String(capacity ?? none) }),
    { title: "Trust", text: ({ trust }) => trust.text },
    ...where((row) => unfinished(row) || null, { title: "Not finished", text: (row) => String(unfinished(row)) }),
  ];
}

/** The places of a row as text: "2–4", or "3" where only one is possible. */
export function placesText({ band }: Row): string {
  if (band === null) return none;
  return band.best === band.worst ? String(band.best) : `${band.best}–${band.worst}`;
}

/** The accuracy as text: mean ± half the 95% interval. */
export function accuracyText({ score, interval }: Row): string {
  return interval && score !== null ? `${points(score)} ± ${points(interval.upper - score)}` : points(score);
}

/** What the accuracies of a setting's rows, which all have the same metric, are called. */
export function accuracyTitle(rows: readonly Pick<Row, "metric">[]): string {
  return rows.at(0)?.metric === "prequentialAccuracy" ? "Prequential %" : "RA %";
}

export const legend =
  "RA: retained accuracy, the mean over all tasks at the end, ± half its 95% interval over seeds. LA: learning accuracy, each task just after it was learned. BTI = RA − LA. Prequential: each training example is asked about before it is taught.";

/** The heading of a setting. */
export function headingOf({ title }: Suite, { name }: Setting): string {
  return name === null ? title : `${title}: ${name}`;
}
