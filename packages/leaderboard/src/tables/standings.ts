import { isNumber } from "../percent.js";
import type { Protocol, Receipt, ReceiptSpec } from "@everlearn/records";
import type { Interval } from "../statistics/interval.js";
import { mean } from "../statistics/mean.js";
import type { Band } from "../statistics/ranks.js";
import { byText } from "./format.js";
import { type HolmOf, placesOf } from "./places.js";
import { type CellSummary, createRuns, type Run } from "./runs.js";

/** The settings of one suite under one set of rules. */
export interface Suite {
  /** As the receipts give it; null where they do not: then runs on equal data and streams are put together. */
  readonly name: string | null;
  readonly title: string;
  readonly description: string | null;
  readonly protocol: Protocol;
  /** By name. */
  readonly settings: readonly Setting[];
}

/** Runs that are compared with each other. */
export interface Setting {
  /** Null: the suite has no settings of its own. */
  readonly name: string | null;
  /** On which ranks are based, ascending. */
  readonly seeds: readonly number[];
  /** With a rank first, then by mean, the best first. */
  readonly rows: readonly Row[];
  /** Holm's correction over the setting's pairs of ranked rows. */
  readonly holm: HolmOf;
}

/** A run in a setting. Accuracies are fractions. */
export interface Row {
  readonly run: Run;
  readonly label: string;
  /** From 1, the best; equal where nothing separates; null: a preview. */
  readonly rank: number | null;
  /** The places that are possible; null: a preview. */
  readonly band: Band | null;
  /** The number of seeds that everything here is over: the setting's, for a preview all that it has. */
  readonly n: number;
  /** Over seeds; null where one of them has none. A cell that is not finished scores as guessing does. */
  readonly retainedAccuracy: number | null;
  /** Student's 95% interval of that mean; null where there is none. */
  readonly interval: Interval | null;
  readonly learningAccuracy: number | null;
  readonly backwardTransferAndInterference: number | null;
  /** From the peak (Chaudhry et al. 2018). */
  readonly forgetting: number | null;
  /** Of one example's loss, for each training example of the stream. */
  readonly gradientsPerExample: number | null;
  /** Most bytes of model, buffer and learner. */
  readonly bytes: number | null;
  /** Examples that the buffer holds at most; null where there is no buffer. */
  readonly capacity: number | null;
  /** Cells that diverged, and that went over the budget. */
  readonly diverged: number;
  readonly overBudget: number;
  /** By seed. */
  readonly scores: ReadonlyMap<number, number>;
}

/**
 * Who stands where, suite by suite and setting by setting. The receipts' order does not matter.
 * @throws RangeError where a cell has two receipts
 */
export function standings(receipts: Iterable<Receipt>): Suite[] {
  const runs = createRuns();
  for (const receipt of receipts) runs.add(receipt);
  return standingsOf(runs.all());
}

export function standingsOf(runs: readonly Run[]): Suite[] {
  const suites = grouped(runs, ({ spec }) => suiteKey(spec));
  const found = Array.from(suites.values(), (members): Suite => {
    const specs = members.map(({ spec }) => spec);
    const { suite, title } = specs[0].protocol ?? {};
    const protocol = mostCommon(specs.map((spec) => spec.protocol ?? {}));
    const settings = grouped(members, ({ spec }) => spec.settings ?? [null]);
    return {
      name: suite ?? null,
      title: protocol.title ?? title ?? suite ?? streamOf(specs[0]),
      description: mostCommon(specs.map(({ description }) => description ?? null)),
      protocol,
      settings: Array.from(settings, ([name, of]) => settingOf(name, of, protocol)).sort((a, b) =>
        byText(a.name ?? "", b.name ?? ""),
      ),
    };
  });
  return found.sort((a, b) => byText(a.title, b.title) || byText(rules(a.protocol), rules(b.protocol)));
}

/** Runs under other rules are not comparable, even if they give the same suite's name. */
function suiteKey({ protocol, dataset, stream }: ReceiptSpec): string[] {
  const what = protocol?.suite === undefined ? [dataset, stream] : [protocol.suite];
  return [JSON.stringify([...what, rules(protocol)])];
}

/** "mnist · rotated, 20 tasks" */
function streamOf({ dataset, stream }: ReceiptSpec): string {
  const { use, tasks } = stream as { use: string; tasks?: unknown };
  return `${dataset.use} · ${use}${typeof tasks === "number" ? `, ${tasks} tasks` : ""}`;
}

function rules({ track, minimumEffect, budget }: Protocol = {}): string {
  return JSON.stringify([track ?? null, minimumEffect ?? 0, budget ?? null]);
}

function settingOf(name: string | null, runs: readonly Run[], { minimumEffect = 0 }: Protocol): Setting {
  const entries = runs.map((run) => ({ run, scores: scoresOf(run) }));
  const { seeds, places, holm } = placesOf(
    entries.map(({ scores }) => scores),
    minimumEffect,
  );
  const paired = new Set(seeds);
  const rows = entries.map(({ run, scores }, i): Row => {
    const { rank, band, interval } = places[i];
    const cells = rank === null ? run.cells : run.cells.filter(({ seed }) => paired.has(seed));
    const over = (value: (cell: CellSummary) => number | null | undefined) => meanOf(cells.map(value));
    const metric = (name: string) => over((cell) => (cell.status === "finished" ? cell.metrics[name] : null));
    const retainedAccuracy = over((cell) => cell.retainedAccuracy);
    const ended = (status: string) => cells.filter((cell) => cell.status === status).length;
    return {
      run,
      label: run.spec.label ?? run.name,
      rank,
      band,
      n: cells.length,
      retainedAccuracy,
      interval: retainedAccuracy === null ? null : interval,
      learningAccuracy: over((cell) => cell.learningAccuracy),
      backwardTransferAndInterference: metric("backwardTransferAndInterference"),
      forgetting: metric("forgettingFromPeak"),
      gradientsPerExample: over(({ gradients, examples }) =>
        gradients !== null && examples !== null && examples > 0 ? gradients / examples : null,
      ),
      bytes: over(({ bytes }) => bytes),
      capacity: run.spec.buffer?.capacity ?? null,
      diverged: ended("diverged"),
      overBudget: ended("over-budget"),
      scores,
    };
  });
  return { name, seeds, rows: rows.sort(inOrder), holm };
}

function scoresOf({ cells }: Run): Map<number, number> {
  return new Map(
    cells.flatMap(({ seed, retainedAccuracy }) => (retainedAccuracy === null ? [] : [[seed, retainedAccuracy]])),
  );
}

function inOrder(a: Row, b: Row): number {
  return (
    (a.rank ?? Number.MAX_VALUE) - (b.rank ?? Number.MAX_VALUE) ||
    (b.retainedAccuracy ?? -1) - (a.retainedAccuracy ?? -1) ||
    byText(a.label, b.label) ||
    byText(a.run.name, b.run.name) ||
    byText(a.run.specId, b.run.specId)
  );
}

/** The mean of the survivors would flatter: null as soon as one is missing. */
function meanOf(values: readonly (number | null | undefined)[]): number | null {
  return values.length > 0 && values.every(isNumber) ? mean(values) : null;
}

/** Each value under each of its keys, which come in the order of their first. */
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

/** Of equally common ones the first by text. */
function mostCommon<T>(values: readonly T[]): T {
  const groups = grouped(values, (value) => [JSON.stringify(value)]);
  const [[, [first]]] = [...groups].sort(([a, x], [b, y]) => y.length - x.length || byText(a, b));
  return first;
}
