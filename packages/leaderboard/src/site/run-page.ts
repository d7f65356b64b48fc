import { rankedMetricOf } from "../result.js";
import { isNumber } from "../percent.js";
import { byText, plural, points, ranges } from "../tables/format.js";
import { plainText } from "../tables/plain-text.js";
import type { CellSummary, Matrix, Run } from "../tables/runs.js";
import { classSection } from "./classes.js";
import { type Element, el, type Markup } from "./markup.js";
import { type File, linkTo, page } from "./page.js";
import { type Measured, meanOf, pictures } from "./pictures.js";
import { again, provenance } from "./provenance.js";
import { facts } from "./rules.js";
import { metricTable, seedTable } from "./seed-tables.js";

/** The place of a run in a setting. */
export interface Standing {
  /** The setting's page. */
  readonly path: string;
  readonly title: string;
  /** The place and the accuracy, in words. */
  readonly said: string;
}

/** The data for a run's page: plain, so that it can be sent to another thread. */
export interface RunDraft {
  readonly path: string;
  readonly siteTitle: string;
  readonly run: Run;
  readonly standings: readonly Standing[];
}

/** A run's page: what its seeds measured, what ran, and how to run it again. */
export function runPage({ path, siteTitle, run, standings }: RunDraft): File {
  const { spec, cells, name } = run;
  const label = plainText(spec.label ?? name);
  const seeds = cells.flatMap((cell) => measured(cell) ?? []);
  const whole = meanOf(seeds);
  const choices = whole ? [whole, ...seeds] : seeds;
  const crumbs = standings.length === 1 ? standings : [];
  const main = [
    el("h1", {}, el("bdi", {}, label)),
    el(
      "p",
      { class: "lede" },
      el("bdi", {}, name),
      `, ${plural(cells.length, "seed")}: ${ranges(cells.map(({ seed }) => seed))}`,
    ),
    standingList(path, standings),
    ...troubles(cells),
    el("section", {}, el("h2", {}, "Measured"), measuredSection(choices)),
    el("section", {}, el("h2", {}, "Seeds"), seedTable(path, rankedMetricOf(run.spec), cells)),
    el("section", {}, el("h2", {}, "Metrics"), metricTable(cells)),
    ...classSection(cells),
    el("section", {}, el("h2", {}, "Run it again"), ...again(run)),
    el("section", {}, el("h2", {}, "What ran"), provenance(run)),
    el(
      "section",
      {},
      el("h2", {}, "Spec"),
      el("pre", { tabindex: 0, "aria-label": "Spec as JSON" }, JSON.stringify(spec, null, 2)),
    ),
  ];
  const above = [{ title: siteTitle, path: "index.html" }, ...crumbs];
  return page({ path, title: `${label} (${name})`, above, script: "run", data: { seeds }, main });
}

function measured({ seed, accuracy, tasks, intermediate, confusion, probe }: CellSummary): Measured | null {
  if (accuracy === null) return null;
  return {
    name: `seed ${seed}`,
    accuracy: listed(accuracy),
    tasks: tasks && !plain(tasks) ? tasks : null,
    confusion: confusion && listed(confusion),
    probe: probe && listed(probe),
    intermediate: intermediate && { examples: intermediate.examples, accuracy: listed(intermediate.accuracy) },
  };
}

function plain(tasks: readonly (readonly number[])[]): boolean {
  return tasks.every((own, i) => own.length === 1 && own[0] === i);
}

/** The matrix with its values in a plain list, for JSON. */
function listed({ columns, values }: Matrix): Matrix {
  return { columns, values: Array.from(values) };
}

/** The run's places, setting by setting. */
function standingList(from: string, standings: readonly Standing[]): Element {
  return facts(
    ...standings.map(
      ({ path, title, said }) => [el("a", { href: linkTo(from, path) }, el("bdi", {}, title)), said] as const,
    ),
  );
}

/** The messages of cells that did not finish. */
function troubles(cells: readonly CellSummary[]): Markup[] {
  const unfinished = cells.filter(({ status }) => status !== "finished");
  if (unfinished.length === 0) return [];
  return [
    el(
      "div",
      { class: "trouble" },
      el(
        "p",
        {},
        `${unfinished.length} of ${plural(cells.length, "seed")} did not finish. Such a cell scores as guessing does${chances(unfinished)}.`,
      ),
      el(
        "ul",
        {},
        ...unfinished.map(({ seed, status, message }) =>
          el("li", {}, `Seed ${seed}: ${status}. `, el("bdi", {}, message ?? "No message was recorded.")),
        ),
      ),
    ),
  ];
}

function chances(cells: readonly CellSummary[]): string {
  const known = cells.flatMap(({ chance }) => (isNumber(chance) ? [points(chance)] : []));
  if (known.length < cells.length) return "; the accuracy of guessing is not recorded, so it has no score";
  const different = [...new Set(known)].sort(byText);
  return `: ${different.join("%, ")}%`;
}

/** The pictures of the seeds' mean, or of the first seed. The page's script draws the others. */
function measuredSection(choices: readonly Measured[]): Element {
  if (choices.length === 0) return el("p", {}, "Accuracy matrix R: not recorded.");
  return el(
    "div",
    { id: "measured" },
    el(
      "p",
      { class: "choice", hidden: choices.length === 1 },
      el("label", { for: "seed" }, "Shown: "),
      el("span", { class: "chosen" }, choices[0].name),
    ),
    pictures(choices[0]),
  );
}
