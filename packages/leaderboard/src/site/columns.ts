import { bytes, count, points, quantity, signedPoints } from "../tables/format.js";
import { round } from "./frame.js";
import { type Element, el, type Markup } from "./markup.js";

/** A setting's table as data, from which its rows can be drawn again in another order. */
export interface TableData {
  /** Keys of the columns that have something to show. */
  readonly columns: readonly string[];
  /** Whether runs' names stand below their labels: where two labels are the same. */
  readonly named: boolean;
  /** The range of accuracies over which intervals are drawn. */
  readonly domain: readonly [low: number, high: number];
  readonly rows: readonly TableRow[];
}

export interface TableRow {
  readonly label: string;
  /** The learner's plugin and package. */
  readonly plugin: string;
  readonly trust: string;
  readonly name: string;
  readonly href: string;
  readonly rank: number | null;
  readonly places: string;
  /** The band that the rows of one rank form, 0 or 1 in turns, for the colour of its background; null: a preview. */
  readonly band: 0 | 1 | null;
  readonly n: number;
  /** What the row is ranked by: its retained or its prequential accuracy; the other is null. */
  readonly ra: number | null;
  readonly prequential: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly la: number | null;
  readonly bti: number | null;
  readonly forgetting: number | null;
  readonly gradients: number | null;
  readonly bytes: number | null;
  readonly buffer: number | null;
  readonly diverged: number;
  readonly overBudget: number;
}

/** A table as JSON in a page: a list for each field, instead of its name in each row. */
export type PackedTable = Omit<TableData, "rows"> & { readonly rows: Readonly<Record<string, readonly unknown[]>> };

export function packedTable({ rows, ...rest }: TableData): PackedTable {
  const fields = rows.length === 0 ? [] : (Object.keys(rows[0]) as (keyof TableRow)[]);
  return { ...rest, rows: Object.fromEntries(fields.map((field) => [field, rows.map((row) => row[field])])) };
}

export function unpackedTable({ rows, ...rest }: PackedTable): TableData {
  const fields = Object.keys(rows);
  const row = (i: number) => Object.fromEntries(fields.map((field) => [field, rows[field][i]])) as unknown as TableRow;
  return { ...rest, rows: (rows.label ?? []).map((_, i) => row(i)) };
}

/** How a column is headed, drawn and sorted. */
export interface Column {
  readonly key: string;
  readonly title: string;
  /** An explanation of the title. */
  readonly hint?: string;
  readonly value: (row: TableRow) => number | string | null;
  readonly cell: (row: TableRow, data: TableData) => Markup;
  /** Whether the lowest value is the best. */
  readonly ascending: boolean;
}

const numeric = (
  key: string,
  title: string,
  text: (row: TableRow) => string,
  rest: Omit<Column, "key" | "title" | "cell">,
): Column => ({
  key,
  title,
  cell: (row) => el("td", {}, text(row)),
  ...rest,
});

/** Whether a column shows what rows are ranked by. */
export const isAccuracy = (key: string): boolean => key === "ra" || key === "prequential";

function accuracyColumn(key: "ra" | "prequential", title: string, hint: string): Column {
  return {
    ...{ key, title, hint },
    value: (row) => row[key],
    ascending: false,
    cell: (row, { domain }) => {
      const { [key]: accuracy, upper } = row;
      return el(
        "td",
        { class: "ra" },
        intervalBar(row, accuracy, domain),
        el(
          "span",
          { class: "value" },
          el("b", {}, points(accuracy)),
          upper === null || accuracy === null ? null : el("small", {}, `± ${points(upper - accuracy)}`),
        ),
      );
    },
  };
}

export const columns: readonly Column[] = [
  {
    key: "rank",
    title: "Rank",
    hint: "equal where nothing separates; below it the places that are possible",
    value: ({ rank }) => rank,
    ascending: true,
    cell: ({ rank, places }) =>
      rank === null
        ? el("td", { class: "rank" }, el("span", { class: "preview" }, "preview"))
        : el("td", { class: "rank" }, el("b", {}, rank), places === String(rank) ? null : el("small", {}, places)),
  },
  {
    key: "label",
    title: "Learner",
    value: ({ label }) => label.toLowerCase(),
    ascending: true,
    cell: ({ label, plugin, name, href }, { named }) =>
      el(
        "th",
        { scope: "row" },
        el("a", { href }, el("bdi", {}, clipped(label))),
        named && name !== label ? el("small", {}, el("bdi", {}, clipped(name))) : null,
        el("small", {}, el("bdi", {}, clipped(plugin))),
      ),
  },
  accuracyColumn(
    "ra",
    "Retained %",
    "retained accuracy (RA): mean over all tasks at the end, with its 95% interval over seeds",
  ),
  accuracyColumn(
    "prequential",
    "Prequential %",
    "prequential accuracy: over all training examples, each asked about before it is taught, with its 95% interval over seeds",
  ),
  numeric("la", "Learned %", ({ la }) => points(la), {
    hint: "learning accuracy (LA): each task just after it was learned",
    value: ({ la }) => la,
    ascending: false,
  }),
  numeric("bti", "BTI %", ({ bti }) => signedPoints(bti), {
    hint: "backward transfer and interference: RA − LA",
    value: ({ bti }) => bti,
    ascending: false,
  }),
  numeric("forgetting", "Forgotten %", ({ forgetting }) => points(forgetting), {
    hint: "forgetting from the peak: how far tasks end below their best",
    value: ({ forgetting }) => forgetting,
    ascending: true,
  }),
  numeric("n", "Seeds", ({ n }) => count(n), { value: ({ n }) => n, ascending: false }),
  numeric("gradients", "Gradients", ({ gradients }) => quantity(gradients), {
    hint: "gradients of one example's loss for each training example",
    value: ({ gradients }) => gradients,
    ascending: true,
  }),
  numeric("bytes", "Memory", (row) => bytes(row.bytes), {
    hint: "most bytes of model, buffer and learner",
    value: (row) => row.bytes,
    ascending: true,
  }),
  numeric("buffer", "Buffer", ({ buffer }) => count(buffer), {
    hint: "examples that the buffer holds",
    value: ({ buffer }) => buffer,
    ascending: true,
  }),
  {
    key: "trust",
    title: "Trust",
    hint: "declared by receipts, checked for honesty, run again by another, or audited on secret data",
    value: ({ trust }) => trust,
    ascending: true,
    cell: ({ trust }) => el("td", { class: "trust" }, el("bdi", {}, clipped(trust))),
  },
  numeric("unfinished", "Not finished", unfinishedText, {
    hint: "seeds that diverged or went over the budget; they score as guessing does",
    value: ({ diverged, overBudget }) => diverged + overBudget,
    ascending: true,
  }),
];

function unfinishedText({ diverged, overBudget }: TableRow): string {
  const parts = [diverged > 0 ? `${diverged} diverged` : "", overBudget > 0 ? `${overBudget} over budget` : ""];
  return parts.filter((part) => part !== "").join(", ") || "0";
}

function clipped(text: string): string {
  const characters = Array.from(text.slice(0, 200));
  return characters.length <= 64 ? text : `${characters.slice(0, 63).join("")}…`;
}

const barWidth = 110;

/** The interval as a line, the mean as a dot; the numbers beside it say the same. What all bars share, the style says. */
function intervalBar(
  { lower, upper, rank }: TableRow,
  accuracy: number | null,
  [low, high]: TableData["domain"],
): Element {
  const clamped = (value: number) => Math.min(1, Math.max(0, (value - low) / (high - low || 1)));
  const x = (value: number) => round(5 + clamped(value) * (barWidth - 10));
  return el(
    "svg",
    { class: "bar", "aria-hidden": "true" },
    lower === null || upper === null ? null : el("path", { d: `M${x(lower)} 8H${x(upper)}` }),
    accuracy === null ? null : el("circle", { class: rank === null ? "preview" : null, cx: x(accuracy) }),
  );
}
