import { bytes, count, plural, quantity } from "../tables/format.js";
import { headingOf } from "../tables/columns.js";
import { csv } from "../tables/csv.js";
import { latex } from "../tables/latex.js";
import { markdown } from "../tables/markdown.js";
import type { Row, Setting, Suite } from "../tables/standings.js";
import { apartSection, notesSection } from "./apart.js";
import { packedTable } from "./columns.js";
import { filter, type Places } from "./index-page.js";
import { type Element, el, type Markup } from "./markup.js";
import { type File, linkTo, page } from "./page.js";
import { pageSize } from "./order.js";
import { type Point, paretoPlot } from "./pareto.js";
import { rulesOf } from "./rules.js";
import { captionOf, standingTable, tableData } from "./standing-table.js";

/** The data by which the page compares learners, in the order of the table's rows. */
export interface ComparisonData {
  readonly seeds: readonly number[];
  readonly minimumEffect: number;
  readonly holm: Setting["holm"];
  /** The seeds of `scores`, ascending. */
  readonly scored: readonly number[];
  /** The scores by row and seed; null where there is none. */
  readonly scores: readonly (readonly (number | null)[])[];
}

/** A setting's page, and its table as CSV, Markdown and LaTeX beside it. */
export function settingFiles(siteTitle: string, suite: Suite, setting: Setting, places: Places): File[] {
  const path = places.setting(setting);
  const base = path.replace(/\.html$/, "");
  const alone = [{ ...suite, settings: [setting] }];
  const downloads = [
    { kind: "CSV", path: `${base}.csv`, content: csv(alone) },
    { kind: "Markdown", path: `${base}.md`, content: markdown(alone) },
    { kind: "LaTeX", path: `${base}.tex`, content: latex(alone) },
  ];
  const minimumEffect = suite.protocol.minimumEffect ?? 0;
  const data = tableData(setting, (row) => linkTo(path, places.run(row)));
  const title = headingOf(suite, setting);
  const main = [
    el("h1", {}, el("bdi", {}, setting.name ?? suite.title)),
    setting.name === null ? null : el("p", { class: "lede" }, el("bdi", {}, suite.title)),
    rulesOf(suite),
    filter(),
    standingTable("table", captionOf(setting, minimumEffect), data),
    apartSection(setting, (row) => linkTo(path, places.run(row)), 500),
    notesSection(setting, 100),
    el(
      "p",
      { class: "more" },
      "This table as ",
      ...downloads.flatMap((file, i): Markup[] => [
        i === 0 ? null : i === 1 ? ", " : " or ",
        el("a", { href: linkTo(path, file.path), download: true }, file.kind),
      ]),
      ".",
    ),
    el(
      "section",
      {},
      el("h2", {}, "Difference of two learners"),
      setting.rows.length > pageSize
        ? el("p", { class: "note" }, "The lists hold the learners that the table shows; filter it to find others.")
        : null,
      el("div", { id: "compare" }, el("noscript", {}, "Comparing needs JavaScript.")),
    ),
    el("section", {}, el("h2", {}, "Accuracy and cost"), el("div", { class: "columns" }, ...costs(setting))),
  ];
  const above = [{ title: siteTitle, path: "index.html" }];
  const compare = comparisonData(setting, minimumEffect);
  const html = page({
    path,
    title,
    above,
    script: "standings",
    data: { tables: { table: packedTable(data) }, compare },
    main,
  });
  return [html, ...downloads.map(({ path, content }) => ({ path, content }))];
}

function comparisonData({ seeds, rows, holm }: Setting, minimumEffect: number): ComparisonData {
  const scored = [...new Set(rows.flatMap(({ scores }) => [...scores.keys()]))].sort((a, b) => a - b);
  const scores = rows.map((row) => scored.map((seed) => row.scores.get(seed) ?? null));
  return { seeds, minimumEffect, holm, scored, scores };
}

function costs({ rows }: Setting): Element[] {
  const memory = rows.some(({ bytes }) => bytes !== null);
  return [
    cost(rows, "Compute", "gradients per example", (row) => row.gradientsPerExample, quantity),
    memory || !rows.some(({ capacity }) => capacity !== null)
      ? cost(rows, "Memory", "bytes of model, buffer and learner", (row) => row.bytes, bytes)
      : cost(rows, "Memory", "examples in the buffer", (row) => row.capacity, count),
  ];
}

function cost(
  rows: readonly Row[],
  title: string,
  what: string,
  of: (row: Row) => number | null,
  text: (cost: number) => string,
): Element {
  const points = rows.flatMap((row): Point[] => {
    const found = of(row);
    const { label, score: accuracy, rank } = row;
    return found !== null && found > 0 && accuracy !== null
      ? [{ label, cost: found, accuracy, preview: rank === null }]
      : [];
  });
  const left = rows.length - points.length;
  return el(
    "figure",
    {},
    el(
      "figcaption",
      {},
      el("strong", {}, title),
      points.length === 0
        ? ` ${what}: not recorded.`
        : ` The line is the front: nothing retains more for less.${left > 0 ? ` ${plural(left, "learner")} without this number left out.` : ""}`,
    ),
    points.length === 0 ? null : paretoPlot(points, what, text),
  );
}
