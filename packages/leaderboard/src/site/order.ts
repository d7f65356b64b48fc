import { columns, type TableData, type TableRow } from "./columns.js";

/** The most rows that are shown at once. */
export const pageSize = 100;

export interface Order {
  readonly key: string;
  readonly descending: boolean;
}

/** The order by rank, as `standings` returns the rows. */
export const firstOrder: Order = { key: "rank", descending: false };

/** The order that a press of a column's button gives: the best first, then the reverse. */
export function pressed(key: string, before: Order): Order {
  if (before.key === key) return { key, descending: !before.descending };
  return { key, descending: !(columns.find((column) => column.key === key)?.ascending ?? true) };
}

/** Sorts rows. Those without a value come last; equal rows keep their order. */
export function ordered(rows: readonly TableRow[], { key, descending }: Order): readonly TableRow[] {
  const value = columns.find((column) => column.key === key)?.value ?? (() => null);
  return rows.toSorted((one, other) => {
    const [a, b] = [value(one), value(other)];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    return (descending ? -1 : 1) * (a < b ? -1 : a > b ? 1 : 0);
  });
}

/** The rows that have every word of the text in what they are called. */
export function matching({ rows, named }: TableData, text: string): readonly TableRow[] {
  const words = text.toLowerCase().split(/\s+/);
  return rows.filter(({ label, name }) => {
    const called = (named ? `${label} ${name}` : label).toLowerCase();
    return words.every((word) => called.includes(word));
  });
}
