import type { Receipt } from "@everlearn/records";
import { createRuns, type Run, type RunSources } from "../tables/runs.js";
import { reasonsText } from "../tables/apart.js";
import { accuracyText, headingOf, placesText } from "../tables/columns.js";
import { count } from "../tables/format.js";
import { type Row, standingsOf, type Suite } from "../tables/standings.js";
import type { SuiteDefinition } from "../suites/definition.js";
import { indexPage, type Places } from "./index-page.js";
import type { File } from "./page.js";
import { type RunDraft, runPage, type Standing } from "./run-page.js";
import { settingFiles } from "./setting-page.js";
import { slugs } from "./slugs.js";

/** Options of a site: its title and description, and the paths of receipts. */
export interface SiteOptions extends RunSources {
  /** The heading of the first page. Default: "Leaderboard". */
  readonly title?: string;
  /** A paragraph below it. */
  readonly description?: string;
  /** The suites whose organisers' files are at hand: they say what is comparable. Read when the site is asked for files. */
  readonly suites?: readonly SuiteDefinition[];
  /** Returns the path of a receipt relative to the site's folder; undefined: no link. */
  readonly receipt?: (receipt: Receipt) => string | undefined;
}

/** A site under construction: receipts go in, files come out. */
export interface Site {
  /** @throws RangeError where a cell has two receipts */
  add(receipt: Receipt): void;
  /** `standings` of the receipts so far. */
  suites(): readonly Suite[];
  /** `index.html` first; each file is made when it is asked for. */
  files(): Generator<File>;
  /**
   * The same files, but for runs only the data from which `runPage` makes their pages, possibly in another thread: they
   * are most of the work.
   */
  drafts(): Generator<File | RunDraft>;
}

/** A static site of receipts as they come; it keeps about 2 kB of each. */
export function createSite({
  title = "Leaderboard",
  description,
  suites: definitions = [],
  ...sources
}: SiteOptions = {}): Site {
  const runs = createRuns(sources);
  let known: { all: readonly Run[]; suites: readonly Suite[] } | undefined;
  const sorted = () => {
    if (known === undefined) {
      const all = runs.all();
      known = { all, suites: standingsOf(all, { suites: definitions }) };
    }
    return known;
  };
  function* drafts(): Generator<File | RunDraft> {
    const { all, suites } = sorted();
    const places = placesOf(suites, all);
    const cells = all.reduce((sum, run) => sum + run.cells.length, 0);
    yield indexPage({ title, description, suites, cells, runs: all.length }, places);
    for (const suite of suites)
      for (const setting of suite.settings) yield* settingFiles(title, suite, setting, places);
    const standings = standingsByRun(suites, places);
    for (const run of all)
      yield { path: places.run({ run }), siteTitle: title, run, standings: standings.get(run) ?? [] };
  }
  return {
    add(one) {
      known = undefined;
      runs.add(one);
    },
    suites: () => sorted().suites,
    drafts,
    *files() {
      for (const one of drafts()) yield "run" in one ? runPage(one) : one;
    },
  };
}

/**
 * A static site: `index.html`, `settings/<name>.html` with tables beside it, `runs/<name>.html`. Each page works without
 * a server and without the network, and loads nothing. Equal receipts, in whatever order, give equal bytes. Whatever a
 * receipt says is shown as text.
 * @throws RangeError where a cell has two receipts
 */
export function* site(receipts: Iterable<Receipt>, options: SiteOptions = {}): Generator<File> {
  const made = createSite(options);
  for (const receipt of receipts) made.add(receipt);
  yield* made.files();
}

function placesOf(suites: readonly Suite[], runs: readonly Run[]): Places {
  const settings = suites.flatMap((suite) => suite.settings.map((setting) => ({ suite, setting })));
  const settingNames = slugs(
    settings.map(({ suite, setting }) => [suite.name ?? suite.title, setting.name].filter((part) => part).join("-")),
  );
  const runNames = slugs(runs.map(({ name }) => name));
  const settingPaths = new Map(settings.map(({ setting }, i) => [setting, `settings/${settingNames[i]}.html`]));
  const runPaths = new Map(runs.map((run, i) => [run, `runs/${runNames[i]}.html`]));
  return {
    setting: (setting) => settingPaths.get(setting) as string,
    run: ({ run }) => runPaths.get(run) as string,
  };
}

function standingsByRun(suites: readonly Suite[], places: Places): Map<Run, Standing[]> {
  const found = new Map<Run, Standing[]>();
  for (const suite of suites)
    for (const setting of suite.settings) {
      const ranked = count(setting.rows.filter(({ rank }) => rank !== null).length);
      const place = (row: Row) =>
        row.rank === null ? "preview" : `rank ${row.rank}, places ${placesText(row)} of ${ranked}`;
      const of = { path: places.setting(setting), title: headingOf(suite, setting) };
      const tell = ({ run, notes, trust }: Row, said: string) =>
        found.set(run, [...(found.get(run) ?? []), { ...of, said: [said, trust.text, ...notes].join(" · ") }]);
      for (const row of setting.rows) tell(row, `${place(row)} · ${accuracyText(row)}%`);
      for (const row of setting.apart) tell(row, `set apart: ${reasonsText(row.reasons)}`);
    }
  return found;
}
