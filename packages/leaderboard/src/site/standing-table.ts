import { placesText } from "../tables/columns.js";
import { plural, points, ranges } from "../tables/format.js";
import { mostCompared } from "../tables/places.js";
import type { Row, Setting } from "../tables/standings.js";
import { type Column, columns, isAccuracy, type TableData, type TableRow } from "./columns.js";
import { type Element, el, type Markup } from "./markup.js";
import { firstOrder, pageSize } from "./order.js";

/** @param hrefOf where a row's run has its page */
export function tableData({ rows }: Setting, hrefOf: (row: Row) => string): TableData {
  const band = new Map([...new Set(rows.map(({ rank }) => rank))].map((rank, i) => [rank, (i % 2) as 0 | 1]));
  const data = rows.map(
    (row): TableRow => ({
      label: row.label,
      plugin: row.plugin,
      trust: row.trust.text,
      name: row.run.name,
      href: hrefOf(row),
      rank: row.rank,
      places: placesText(row),
      band: row.rank === null ? null : (band.get(row.rank) as 0 | 1),
      n: row.n,
      ra: row.metric === "retainedAccuracy" ? row.score : null,
      prequential: row.metric === "prequentialAccuracy" ? row.score : null,
      lower: row.interval?.lower ?? null,
      upper: row.interval?.upper ?? null,
      la: row.learningAccuracy,
      bti: row.backwardTransferAndInterference,
      forgetting: row.forgetting,
      gradients: row.gradientsPerExample,
      bytes: row.bytes,
      buffer: row.capacity,
      diverged: row.diverged,
      overBudget: row.overBudget,
    }),
  );
  const always = new Set([
    "rank",
    "label",
    rows.at(0)?.metric === "prequentialAccuracy" ? "prequential" : "ra",
    "n",
    "trust",
  ]);
  const said = ({ key, value }: Column) =>
    key === "unfinished"
      ? data.some((row) => row.diverged + row.overBudget > 0)
      : data.some((row) => value(row) !== null);
  const ends = rows.flatMap(({ score, interval }) =>
    score === null ? [] : [interval?.lower ?? score, interval?.upper ?? score],
  );
  const [low, high] = ends.reduce(([low, high], end) => [Math.min(low, end), Math.max(high, end)], [1, 0]);
  return {
    named: new Set(data.map(({ label }) => label)).size < data.length,
    columns: columns.filter((column) => always.has(column.key) || said(column)).map(({ key }) => key),
    domain: [Math.max(0, Math.floor(20 * low) / 20), Math.min(1, Math.ceil(20 * high) / 20)],
    rows: data,
  };
}

/** The table's rows as markup, in the given order. */
export function tableRows(data: TableData, rows: readonly TableRow[]): Element[] {
  const shown = columns.filter(({ key }) => data.columns.includes(key));
  return rows.map((row) =>
    el(
      "tr",
      { class: row.band === null ? "unranked" : `band-${row.band}` },
      ...shown.map(({ cell }) => cell(row, data)),
    ),
  );
}

/** The table with its first rows. `id` names it in the page's data; the page's script makes its titles buttons. */
export function standingTable(id: string, caption: readonly Markup[], data: TableData): Element {
  const shown = columns.filter(({ key }) => data.columns.includes(key));
  const [low, high] = data.domain.map((end) => String(Math.round(100 * end)));
  return el(
    "div",
    { class: "scroll", role: "region", tabindex: 0, "aria-labelledby": `${id}-caption` },
    el(
      "table",
      { class: "standing", "data-table": id },
      el("caption", { id: `${id}-caption` }, ...caption),
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          ...shown.map(({ key, title, hint }) =>
            el(
              "th",
              {
                scope: "col",
                class: key === "rank" || key === "label" ? key : isAccuracy(key) ? "num ra" : "num",
                "data-key": key,
                title: hint,
                "aria-sort": key === firstOrder.key ? "ascending" : null,
              },
              isAccuracy(key)
                ? el("span", { class: "domain", "aria-hidden": "true" }, el("i", {}, low), el("i", {}, high))
                : null,
              isAccuracy(key) ? el("span", { class: "value" }, title) : title,
            ),
          ),
        ),
      ),
      el("tbody", {}, ...tableRows(data, data.rows.slice(0, pageSize))),
    ),
  );
}

/** Explains in sentences what a table's ranks are based on. */
export function captionOf({ rows, seeds }: Setting, minimumEffect: number): Markup[] {
  const ranked = rows.filter(({ rank }) => rank !== null).length;
  const previews = rows.length - ranked;
  const sentences = [
    `${plural(rows.length, "learner")}.`,
    ranked === 0
      ? "Fewer than ten paired seeds: a preview, without ranks."
      : `Ranks over ${seeds.length} paired seeds (${ranges(seeds)}).`,
    ranked > 0 && previews > 0 ? `${plural(previews, "preview")}, without a rank.` : "",
    ranked > 1 && minimumEffect > 0 ? `Differences below ${points(minimumEffect)} points do not count.` : "",
    ranked > mostCompared ? `Of more than ${mostCompared} learners no two are compared: all share a rank.` : "",
  ];
  return [sentences.filter((sentence) => sentence !== "").join(" ")];
}
