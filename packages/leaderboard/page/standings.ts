import type { ComparisonData } from "../src/site/setting-page.js";
import { type PackedTable, unpackedTable } from "../src/site/columns.js";
import { compareLearners } from "./compare.js";
import { pageSize } from "../src/site/order.js";
import { sortable, type Table } from "./table.js";

/** The first page and the settings' pages: tables that sort and filter, and the comparison of two learners. */
const data = JSON.parse(document.querySelector("#data")?.textContent ?? "") as {
  readonly tables: Readonly<Record<string, PackedTable>>;
  readonly compare?: ComparisonData;
};
const known = new Map(Object.entries(data.tables).map(([id, packed]) => [id, unpackedTable(packed)]));
const place = document.querySelector("#compare");
const comparison = place && data.compare ? compareLearners(place, known.get("table")?.rows ?? [], data.compare) : null;
const tables = [...document.querySelectorAll<HTMLTableElement>("table.standing")].flatMap((table): Table[] => {
  const own = known.get(table.dataset.table ?? "");
  if (!own) return [];
  // Lists of thousands are slow to show and of no use: they hold the rows that the table shows, so filtering finds them.
  const long = own.rows.length > pageSize;
  comparison?.offer(own.rows.slice(0, pageSize));
  return [sortable(table, own, long ? (rows) => comparison?.offer(rows) : undefined)];
});
const lines = [...document.querySelectorAll<HTMLElement>("[data-filter]")];

const filter = document.querySelector<HTMLElement>(".filter");
const input = document.querySelector<HTMLInputElement>(".filter input");
const output = document.querySelector<HTMLOutputElement>(".filter output");
if (filter && input && output) {
  filter.hidden = false;
  const apply = () => {
    const text = input.value.trim().toLowerCase();
    for (const line of lines) line.hidden = !(line.dataset.filter ?? "").toLowerCase().includes(text);
    const shown = tables.map((table) => table.filter(text));
    const found = shown.reduce((sum, count) => sum + count, 0) + lines.filter(({ hidden }) => !hidden).length;
    const all = tables.reduce((sum, { size }) => sum + size, 0) + lines.length;
    output.textContent = text === "" ? "" : `${found} of ${all} shown`;
  };
  input.addEventListener("input", apply);
  if (input.value !== "") apply(); // a browser may remember it
}
