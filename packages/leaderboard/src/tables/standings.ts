import type { Protocol, Receipt, ReceiptSpec } from "@everlearn/records";
import { mostCommon } from "../suites/canonical.js";
import type { SuiteDefinition } from "../suites/definition.js";
import { partDifferences, partOf } from "../suites/conditions.js";
import { differences, notesOf } from "../suites/judge.js";
import {
  agreedRules,
  definedRules,
  settingNames,
  type SettingRules,
  type SuiteRules,
} from "../suites/setting-rules.js";
import { byText } from "./format.js";
import { type HolmOf, placesOf } from "./places.js";
import { plainText, skeleton } from "./plain-text.js";
import { type Row, rowOf, scoresOf } from "./row.js";
import { trustProblems } from "./trust.js";
import { createRuns, type Run } from "./runs.js";

export type { Row } from "./row.js";

/** The settings of one suite. */
export interface Suite {
  /** The suite's name in the receipts; null where they have none: then runs on equal data and streams form a suite. */
  readonly name: string | null;
  readonly title: string;
  readonly description: string | null;
  readonly protocol: Protocol;
  /** Whether its organiser's file states the rules; else they are what most receipts agree on. */
  readonly defined: boolean;
  /** The settings, by name. */
  readonly settings: readonly Setting[];
}

/** Runs that are compared with each other. */
export interface Setting {
  /** The setting's name; null: the suite has no settings of its own. */
  readonly name: string | null;
  /** The seeds that ranks are based on, ascending. */
  readonly seeds: readonly number[];
  /** The rows: first those with a rank, then by mean, the best first. */
  readonly rows: readonly Row[];
  /** Rows that are not comparable with the others, each with its reasons; by mean. */
  readonly apart: readonly Row[];
  /** Holm's correction over the setting's pairs of ranked rows. */
  readonly holm: HolmOf;
}

/** What rows are judged by besides the receipts themselves. */
export interface StandingOptions {
  /** The suites whose organisers' files are at hand. */
  readonly suites?: readonly SuiteDefinition[];
}

/**
 * Ranks runs, suite by suite and setting by setting. The receipts' order does not matter.
 * @throws RangeError where a cell has two receipts
 */
export function standings(receipts: Iterable<Receipt>, options: StandingOptions = {}): Suite[] {
  const runs = createRuns();
  for (const receipt of receipts) runs.add(receipt);
  return standingsOf(runs.all(), options);
}

export function standingsOf(runs: readonly Run[], { suites = [] }: StandingOptions = {}): Suite[] {
  const defined = new Map(suites.map((suite) => [suite.name, suite]));
  const groups = grouped(runs, ({ spec }) => [suiteKey(spec)]);
  const found = Array.from(groups.values(), (members): Suite => {
    const name = members[0].spec.protocol?.suite ?? null;
    const definition = defined.get(name ?? "");
    const rules = definition ? definedRules(definition) : agreedRules(members);
    const names = [...grouped(members, ({ spec }) => settingNames(spec)).keys()];
    // Whatever settings strangers make up are one.
    const known = definition ? names.filter((setting) => rules.setting(setting)) : names;
    const strays = members.filter(({ spec }) => settingNames(spec).some((setting) => !known.includes(setting)));
    const settings = known.map((setting) => settingOf(setting, members, rules));
    return {
      name,
      title: plainText(rules.protocol.title ?? name ?? streamOf(members[0].spec)),
      description: definition
        ? definition.description
        : mostCommon(members.map(({ spec }) => spec.description ?? null)),
      protocol: rules.protocol,
      defined: definition !== undefined,
      settings: [
        ...settings.sort((a, b) => byText(a.name ?? "", b.name ?? "")),
        ...(strays.length > 0 ? [strayed(strays, known, rules)] : []),
      ],
    };
  });
  return found.sort(
    (a, b) => Number(b.defined) - Number(a.defined) || byText(a.title, b.title) || byText(a.name ?? "", b.name ?? ""),
  );
}

/** The key of a run's suite: its name or, where it has none, data set and stream. */
function suiteKey({ protocol, dataset, stream }: ReceiptSpec): string {
  return JSON.stringify(protocol?.suite === undefined ? [dataset, stream] : protocol.suite);
}

/** A short description of data set and stream: "mnist · rotated, 20 tasks". */
function streamOf({ dataset, stream }: ReceiptSpec): string {
  const { use, tasks } = stream as { use: string; tasks?: unknown };
  return `${dataset.use} · ${use}${typeof tasks === "number" ? `, ${tasks} tasks` : ""}`;
}

function settingOf(name: string | null, members: readonly Run[], suite: SuiteRules): Setting {
  const rules = suite.setting(name) as SettingRules;
  const runs = members.filter(({ spec }) => settingNames(spec).includes(name));
  const judged = runs.map((run) => ({ run, reasons: [...trustProblems(run), ...differences(run, rules, suite)] }));
  const fit = judged.filter(({ reasons }) => reasons.length === 0).map(({ run }) => run);
  const other = otherChecksums(fit, rules);
  const comparable = fit.filter((run) => !other.has(run));
  const entries = comparable.map((run) => {
    const cells = rules.seeds ? run.cells.filter(({ seed }) => rules.seeds?.includes(seed)) : run.cells;
    return { run, cells, scores: scoresOf(cells) };
  });
  const { seeds, places, holm } = placesOf(
    entries.map(({ scores }) => scores),
    suite.protocol.minimumEffect ?? 0,
    rules.seeds ?? undefined,
  );
  const paired = new Set(seeds);
  const rows = entries.map(({ run, cells }, i): Row => {
    const over = places[i].rank === null ? cells : cells.filter(({ seed }) => paired.has(seed));
    return rowOf(run, over, places[i], { reasons: [], notes: notesOf(run, suite, rules) });
  });
  const apart = [
    ...judged.filter(({ reasons }) => reasons.length > 0),
    ...[...other].map(([run, reason]) => ({ run, reasons: [reason] })),
  ].map(({ run, reasons }) => apartRow(run, reasons, notesOf(run, suite, rules)));
  const [named, namedApart] = withHomonyms(rows.sort(inOrder), apart.sort(inOrder));
  return { name: name === null ? null : plainText(name), seeds, rows: named, apart: namedApart, holm };
}

/** The name of the block for runs of settings that a suite does not have: no setting can be called so. */
const noSetting = "no setting of the suite";

function strayed(runs: readonly Run[], known: readonly (string | null)[], suite: SuiteRules): Setting {
  const rows = runs.map((run) => {
    const names = settingNames(run.spec).filter((setting) => !known.includes(setting));
    const shown = names.slice(0, 5).map((name) => (name === null ? "no setting" : `"${plainText(name)}"`));
    return apartRow(run, [`The suite does not have ${shown.join(", ")}.`], notesOf(run, suite, undefined));
  });
  return { name: noSetting, seeds: [], rows: [], apart: rows.sort(inOrder), holm: [] };
}

function apartRow(run: Run, reasons: readonly string[], notes: readonly string[]): Row {
  return rowOf(run, run.cells, { rank: null, band: null, interval: null }, { reasons: reasons.map(plainText), notes });
}

/** Where nobody states a data set's checksum, the one of most cells counts; others are told apart. */
function otherChecksums(runs: readonly Run[], { usual }: SettingRules): Map<Run, string> {
  const same = runs.filter(
    (run) => partDifferences(partOf(run, "dataset", run.spec.dataset), usual.dataset).length === 0,
  );
  if (usual.checksum !== null || same.length === 0) return new Map();
  const common = mostCommon(
    same.map(({ checksum }) => checksum),
    same.map(({ cells }) => cells.length),
  );
  return new Map(
    same
      .filter(({ checksum }) => checksum !== common)
      .map((run) => [
        run,
        `Another data set: its checksum is ${run.checksum?.slice(0, 12) ?? "not stated"}, that of most receipts ${common?.slice(0, 12) ?? "not stated"}.`,
      ]),
  );
}

/** Adds a note to rows whose label is that of rows of another learner, or another plugin's name. */
function withHomonyms(...lists: readonly (readonly Row[])[]): Row[][] {
  const all = lists.flat();
  const pluginNames = new Map(
    all.map(({ run, plugin }) => [skeleton(run.plugins?.learner?.name ?? run.spec.learner.use), plugin]),
  );
  const byLabel = grouped(all, ({ label }) => [skeleton(label)]);
  const others = ({ label, plugin }: Row): string[] => {
    const plugins = (byLabel.get(skeleton(label)) ?? []).map((row) => row.plugin);
    const called = pluginNames.get(skeleton(label));
    return [...new Set([...plugins, ...(called === undefined ? [] : [called])])].filter((other) => other !== plugin);
  };
  return lists.map((rows) =>
    rows.map((row) => {
      const found = others(row);
      if (found.length === 0) return row;
      const note = `Its label is also that of another learner: it is ${row.plugin}; the other is ${found.slice(0, 3).join("; ")}.`;
      return { ...row, label: `${row.label} (${row.plugin})`, notes: [...row.notes, note] };
    }),
  );
}

function inOrder(a: Row, b: Row): number {
  return (
    (a.rank ?? Number.MAX_VALUE) - (b.rank ?? Number.MAX_VALUE) ||
    (b.score ?? -1) - (a.score ?? -1) ||
    byText(a.label, b.label) ||
    byText(a.run.name, b.run.name) ||
    byText(a.run.specId, b.run.specId)
  );
}

/** Groups values by their keys, in the order of the keys' first appearance. */
function grouped<T, K>(values: readonly T[], keysOf: (value: T) => readonly K[]): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const value of values)
    for (const key of new Set(keysOf(value))) {
      const group = groups.get(key);
      if (group) group.push(value);
      else groups.set(key, [value]);
    }
  return groups;
}
