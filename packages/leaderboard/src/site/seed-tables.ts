import type { RankedMetric } from "../result.js";
import { isNumber } from "../percent.js";
import { meanInterval } from "../statistics/interval.js";
import { mean } from "../statistics/mean.js";
import { accuracyTitle } from "../tables/columns.js";
import { bytes, byText, count, duration, plural, points, quantity, short, signedPoints } from "../tables/format.js";
import type { CellSummary } from "../tables/runs.js";
import { type Element, el, type Markup } from "./markup.js";
import { linkToPath } from "./page.js";

type SeedColumn = readonly [title: string, has: (cell: CellSummary) => unknown, said: (cell: CellSummary) => Markup];

/** A table of the results of each seed. What no seed recorded is noted once. */
export function seedTable(from: string, metric: RankedMetric, cells: readonly CellSummary[]): Element {
  const bti = ({ status, metrics }: CellSummary) =>
    status === "finished" ? metrics.backwardTransferAndInterference : null;
  const tested: readonly SeedColumn[] =
    metric === "prequentialAccuracy"
      ? []
      : [
          ["LA %", () => true, (cell) => points(cell.learningAccuracy)],
          ["BTI %", () => true, (cell) => signedPoints(bti(cell))],
        ];
  const columns: readonly SeedColumn[] = [
    [accuracyTitle([{ metric }]), () => true, (cell) => points(cell.score)],
    ...tested,
    ["Gradients", (cell) => cell.gradients, (cell) => count(cell.gradients)],
    ["Memory", (cell) => cell.bytes, (cell) => bytes(cell.bytes)],
    ["Time", () => true, (cell) => duration(cell.seconds)],
    ["Status", () => true, (cell) => cell.status],
    ["Digest", (cell) => cell.digest, (cell) => hash(cell.digest)],
    ["Answers", (cell) => cell.predictions, (cell) => hash(cell.predictions?.sha256)],
    ["Receipt", (cell) => cell.receipt, (cell) => link(from, cell.receipt)],
  ];
  const known = columns.filter(([, has]) => cells.some((cell) => (has(cell) ?? null) !== null));
  const unknown = columns.filter((column) => !known.includes(column)).map(([title]) => title.toLowerCase());
  return el(
    "div",
    { class: "scroll", role: "region", tabindex: 0, "aria-label": "Seeds" },
    el(
      "table",
      { class: "plain" },
      unknown.length > 0 ? el("caption", {}, `Not recorded: ${unknown.join(", ")}.`) : null,
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          el("th", { scope: "col" }, "Seed"),
          ...known.map(([title]) => el("th", { scope: "col", class: "num" }, title)),
        ),
      ),
      el(
        "tbody",
        {},
        ...cells.map((cell) =>
          el(
            "tr",
            {},
            el("th", { scope: "row" }, cell.seed),
            ...known.map(([, , said]) => el("td", { class: "num" }, said(cell))),
          ),
        ),
      ),
    ),
  );
}

/** The first characters of a SHA-256, with all of it as a tooltip. */
function hash(sha256: string | undefined): Element {
  return el("code", { title: sha256 }, short(sha256));
}

function link(from: string, receipt: string | null): Markup {
  return receipt === null ? "–" : el("a", { href: linkToPath(from, receipt) }, "JSON");
}

/** Every metric over the finished seeds. */
export function metricTable(cells: readonly CellSummary[]): Element {
  const finished = cells.filter(({ status }) => status === "finished");
  const names = [...new Set(finished.flatMap(({ metrics }) => Object.keys(metrics)))].sort(byText);
  if (names.length === 0) return el("p", {}, "No seed finished: there are none.");
  return el(
    "div",
    { class: "scroll", role: "region", tabindex: 0, "aria-label": "Metrics" },
    el(
      "table",
      { class: "plain metrics" },
      el(
        "caption",
        {},
        `Over ${plural(finished.length, "finished seed")}; accuracies and their differences in percent. Undefined for a seed: left out, and counted under n.`,
      ),
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          ...["Metric", "Mean", "95% interval", "Least", "Most", "n"].map((title, i) =>
            el("th", { scope: "col", class: i === 0 ? null : "num" }, title),
          ),
        ),
      ),
      el("tbody", {}, ...names.map((name) => metricRow(name, finished))),
    ),
  );
}

function metricRow(name: string, cells: readonly CellSummary[]): Element {
  const values = cells.map(({ metrics }) => metrics[name]).filter(isNumber);
  const large = values.some((value) => Math.abs(value) > 1);
  const text = large ? quantity : (value: number) => points(value, 2);
  const interval = values.length > 1 ? meanInterval(values) : null;
  const shown =
    values.length === 0
      ? ["–", "–", "–", "–"]
      : [
          text(mean(values)),
          interval ? `${text(interval.lower)} – ${text(interval.upper)}` : "–",
          text(Math.min(...values)),
          text(Math.max(...values)),
        ];
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, el("bdi", {}, name)),
    ...[...shown, String(values.length)].map((value) => el("td", { class: "num" }, value)),
  );
}
