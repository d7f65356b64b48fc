import { count, plural, points } from "../tables/format.js";
import type { Row, Setting, Suite } from "../tables/standings.js";
import { type Across, acrossSection, acrossSettings } from "./across.js";
import { type Element, el, type Markup } from "./markup.js";
import { type File, linkTo, page } from "./page.js";
import { rulesOf } from "./rules.js";
import { apartSection, notesSection } from "./apart.js";
import { type PackedTable, packedTable } from "./columns.js";
import { captionOf, standingTable, tableData } from "./standing-table.js";

/** The paths of pages, relative to the site's folder. */
export interface Places {
  readonly setting: (setting: Setting) => string;
  readonly run: (row: Pick<Row, "run">) => string;
}

export interface Overview {
  readonly title: string;
  readonly description: string | undefined;
  readonly suites: readonly Suite[];
  readonly cells: number;
  readonly runs: number;
}

/** The most bytes of the first page, as long as there is something to leave out. */
const mostBytes = 150_000;
/** The number of rows from which on tables are larger than that, whatever is in them. */
const mostRows = 400;

/**
 * The first page: every suite with its rules, every setting with its table, and what holds across settings. Where tables
 * would make it larger than 150 kB, the last suites list their settings with who leads instead.
 */
export function indexPage(overview: Overview, places: Places): File {
  const across = overview.suites.map(acrossSettings);
  let rows = 0;
  const few = overview.suites.findIndex(
    ({ settings }) =>
      (rows += settings.reduce((sum, { rows, apart }) => sum + rows.length + apart.length, 0)) > mostRows,
  );
  for (let tabled = few < 0 ? overview.suites.length : few; ; tabled--) {
    const file = pageWith(tabled, overview, across, places);
    if (tabled === 0 || mostBytesOf(file) <= mostBytes) return file;
  }
}

/** In UTF-8, where a unit of UTF-16 takes three bytes at most. */
function mostBytesOf({ content }: File): number {
  return content.length + 2 * (content.match(/[^\0-\x7F]/g)?.length ?? 0);
}

/** The page with the tables of the first so many suites. */
function pageWith(
  tabled: number,
  { title, description, suites, cells, runs }: Overview,
  acrossOf: readonly (Across | null)[],
  places: Places,
): File {
  const path = "index.html";
  const tables: Record<string, PackedTable> = {};
  const main = [
    el("h1", {}, title),
    description === undefined ? null : el("p", { class: "lede" }, description),
    el(
      "p",
      { class: "note" },
      `${plural(suites.length, "suite")}, ${plural(suites.flatMap(({ settings }) => settings).length, "setting")}, ${plural(runs, "run")}, ${plural(cells, "cell")}.`,
    ),
    howToRead(),
    tabled === 0
      ? null
      : contents(suites, (setting, i, k) =>
          i < tabled ? `#setting-${i}-${k}` : linkTo(path, places.setting(setting)),
        ),
    suites.length === 0 ? el("p", {}, "There are no receipts yet.") : filter(),
    ...suites.map((suite, i) => {
      const across = acrossOf[i];
      const settings = suite.settings.map((setting, k) => {
        if (i >= tabled) return settingLine(setting, linkTo(path, places.setting(setting)));
        const data = tableData(setting, (row) => linkTo(path, places.run(row)));
        const id = `table-${i}-${k}`;
        tables[id] = packedTable(data);
        return el(
          "section",
          { class: "setting", id: `setting-${i}-${k}` },
          setting.name === null ? null : el("h3", {}, el("bdi", {}, setting.name)),
          standingTable(id, captionOf(setting, suite.protocol.minimumEffect ?? 0), data),
          apartSection(setting, (row) => linkTo(path, places.run(row)), 20),
          notesSection(setting, 10),
          el("p", { class: "more" }, el("a", { href: linkTo(path, places.setting(setting)) }, more(suite, setting))),
        );
      });
      return el(
        "section",
        { class: "suite", id: `suite-${i}` },
        el("h2", {}, el("bdi", {}, suite.title)),
        suite.description === null ? null : el("p", { class: "description" }, el("bdi", {}, suite.description)),
        rulesOf(suite),
        ...(i >= tabled ? [el("ul", { class: "settings" }, ...settings)] : settings),
        across ? acrossSection(across) : null,
      );
    }),
  ];
  return page({ path, title, above: [], script: "standings", data: { tables }, main });
}

/** Links to suites below and to their settings, a line for each suite, where that is much and still can be overlooked. */
function contents(suites: readonly Suite[], place: (setting: Setting, i: number, k: number) => string): Markup {
  const all = suites.flatMap(({ settings }) => settings);
  if (all.length < 3 || all.length > 40) return null;
  const link = (to: string, text: string) => el("a", { href: to }, el("bdi", {}, text));
  return el(
    "nav",
    { "aria-label": "Contents" },
    el(
      "ul",
      { class: "contents" },
      ...suites.map(({ title, settings }, i) =>
        el(
          "li",
          {},
          link(`#suite-${i}`, title),
          ...settings.map((setting, k) => (setting.name === null ? null : link(place(setting, i, k), setting.name))),
        ),
      ),
    ),
  );
}

function more(suite: Suite, setting: Setting): string {
  return `Cost, comparisons and downloads: ${setting.name ?? suite.title}`;
}

/** A field to filter tables with. It is hidden until the page's script shows it. */
export function filter(): Element {
  return el(
    "div",
    { class: "filter", hidden: true },
    el("label", { for: "filter" }, "Filter learners"),
    el("input", { id: "filter", type: "search", autocomplete: "off", spellcheck: "false" }),
    el("output", { for: "filter", "aria-live": "polite" }),
  );
}

function settingLine({ name, rows, apart }: Setting, href: string): Element {
  const leader = rows.at(0);
  const shared = rows.filter(({ rank }) => rank === 1).length;
  const says: Markup[] =
    leader === undefined
      ? ["none comparable"]
      : leader.rank === null
        ? ["preview"]
        : shared > 1
          ? [`${count(shared)} share rank 1`]
          : [el("bdi", {}, leader.label), ` leads with ${points(leader.score)}%`];
  return el(
    "li",
    { "data-filter": `${name ?? ""} ${leader?.label ?? ""}` },
    el("a", { href }, el("bdi", {}, name ?? "all runs")),
    el(
      "span",
      {},
      `${plural(rows.length, "learner")}; `,
      ...says,
      apart.length > 0 ? `; ${plural(apart.length, "run")} set apart` : null,
    ),
  );
}

function howToRead(): Element {
  return el(
    "details",
    { class: "how" },
    el("summary", {}, "How to read this"),
    el(
      "ul",
      {},
      el(
        "li",
        {},
        el("b", {}, "Retained accuracy"),
        " is what counts: the mean accuracy over all tasks at the end of the stream, and over seeds; with Student’s 95% interval. Where a suite tests no task, it is the prequential accuracy: over all training examples, each asked about before it is taught.",
      ),
      el(
        "li",
        {},
        el("b", {}, "Ranks"),
        " come from paired seeds: a sign-flip test of all pairs of learners in a setting at once, at 5%, and the suite’s minimum effect. What nothing separates shares a rank. Small numbers below a rank are the places that are possible.",
      ),
      el(
        "li",
        {},
        el("b", {}, "Set apart"),
        ": run under other conditions than the setting’s, not tuned as the suite demands, or found wanting by a check. Never ranked.",
      ),
      el(
        "li",
        {},
        el("b", {}, "Trust"),
        ": declared by a receipt; checked, its honesty checks passed; re-run, another ran it again and came to the same; audited, it also holds on data that only the organiser knew.",
      ),
      el("li", {}, el("b", {}, "Preview"), ": fewer than ten paired seeds. Shown, never ranked."),
      el(
        "li",
        {},
        el("b", {}, "Not finished"),
        ": a cell that diverged or went over the budget is a result, not a gap. It scores as guessing does.",
      ),
      el(
        "li",
        {},
        el("b", {}, "–"),
        " stands where something was not recorded, or is not defined for one of the seeds.",
      ),
    ),
  );
}
