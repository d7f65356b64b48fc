import { type Comparison, comparisonsOf } from "./comparison.js";
import { type Interval, meanInterval } from "./interval.js";
import { mean } from "./mean.js";
import { comparedSeeds, covers, type Entry, officialSeeds } from "./seeds.js";

export interface RankOptions {
  /** The least difference of mean scores that counts, in their unit; at least 0. */
  readonly minimumEffect: number;
  /** The suite's seeds. Default: those that `comparedSeeds` finds. */
  readonly seeds?: readonly number[];
}

export interface Ranks {
  /** The seeds that were compared, ascending. */
  readonly seeds: readonly number[];
  /** In the order given. */
  readonly entries: readonly RankedEntry[];
  /** Of every pair of entries that have a rank. */
  readonly comparisons: readonly Comparison[];
}

export interface RankedEntry {
  readonly name: string;
  /** From 1, the best; shared where nothing separates; null: a preview. */
  readonly rank: number | null;
  /** The places that the comparisons leave open; null: a preview. */
  readonly band: Band | null;
  /** The number of seeds that mean and interval are over: the compared ones, for a preview all that it has. */
  readonly n: number;
  readonly mean: number;
  /** Student's 95% interval of the mean; null with one seed. As seeds are paired, it says nothing about differences. */
  readonly interval: Interval | null;
}

/** Places among the entries that have a rank, from 1. */
export interface Band {
  /** 1 + the number of entries that are separated from this one and better. */
  readonly best: number;
  /** The number of entries that have a rank − the number that are separated from this one and worse. */
  readonly worst: number;
}

/**
 * Ranks within one setting. Two entries are *separated* where the joint sign-flip test of all pairs gives
 * p < 0.05 and their means differ by at least the minimum effect.
 *
 * "Not separated" is not transitive: A may be separated from C, and B from neither. So entries are sorted by mean, and a
 * new rank begins only where every entry above is separated from every entry below; it is 1 + the number of entries
 * above. Hence entries of different ranks are always separated. The price is that two which are separated may share a
 * rank, joined by others between them, and that one more entry may join two ranks. What is known beyond that is in the
 * band: `band.best` counts only those proven better (in the example A and B 1, C 2), and all bands at once hold the true
 * places with a probability of about 95% (Mogstad, Romano, Shaikh & Wilhelm 2024, Inference for ranks).
 *
 * An entry that lacks one of the compared seeds, and every entry where these are fewer than ten, is a preview: it has no
 * rank and takes no part in comparisons. Scores at other seeds are not looked at. The order of the entries matters to
 * nothing but the order of the answer.
 * @throws RangeError where a name comes twice, an entry has no score, a score is not finite, or the minimum effect is no number ≥ 0.
 */
export function sharedRanks(entries: readonly Entry[], options: RankOptions): Ranks {
  const { minimumEffect } = options;
  if (!(minimumEffect >= 0 && minimumEffect < Infinity))
    throw new RangeError(`The minimum effect is a number of at least 0, not ${minimumEffect}.`);
  check(entries);
  const seeds = [...new Set(options.seeds ?? comparedSeeds(entries))].sort((a, b) => a - b);
  const official = seeds.length < officialSeeds ? [] : entries.filter(({ scores }) => covers(scores, seeds));
  const comparisons = comparisonsOf(official, seeds, minimumEffect);
  const places = placesOf(official, seeds, comparisons);
  return {
    seeds,
    entries: entries.map(({ name, scores }) => {
      const place = places.get(name) ?? { rank: null, band: null };
      const values = place.rank === null ? [...scores.values()] : at(seeds, scores);
      return { name, ...place, n: values.length, mean: mean(values), interval: meanInterval(values) };
    }),
    comparisons,
  };
}

function check(entries: readonly Entry[]): void {
  const names = new Set<string>();
  for (const { name, scores } of entries) {
    if (names.has(name)) throw new RangeError(`"${name}" is there twice; give each entry of a setting its own name.`);
    if (scores.size === 0) throw new RangeError(`"${name}" has no score; run it, or leave it out.`);
    for (const [seed, score] of scores)
      if (!Number.isFinite(score))
        throw new RangeError(
          `"${name}" has the score ${score} at seed ${seed}; give a run that diverged the score of guessing.`,
        );
    names.add(name);
  }
}

function at(seeds: readonly number[], scores: Entry["scores"]): number[] {
  return seeds.map((seed) => scores.get(seed) as number);
}

function placesOf(
  entries: readonly Entry[],
  seeds: readonly number[],
  comparisons: readonly Comparison[],
): Map<string, { rank: number; band: Band }> {
  const separated = new Map(entries.map(({ name }) => [name, new Set<string>()]));
  for (const { first, second } of comparisons.filter(({ separated }) => separated)) {
    separated.get(first)?.add(second);
    separated.get(second)?.add(first);
  }
  const descending = entries
    .map(({ name, scores }) => ({ name, mean: mean(at(seeds, scores)), from: separated.get(name) as Set<string> }))
    .sort((a, b) => b.mean - a.mean);
  let first = 0;
  // The last place that must share the rank that begins at `first`.
  let last = 0;
  const places = descending.map(({ name, from }, i) => {
    if (i > last) first = i;
    last = Math.max(
      last,
      descending.findLastIndex((other) => !from.has(other.name)),
    );
    const better = descending.slice(0, i).filter((other) => from.has(other.name)).length;
    const band = { best: 1 + better, worst: entries.length - (from.size - better) };
    return [name, { rank: 1 + first, band }] as const;
  });
  return new Map(places);
}
