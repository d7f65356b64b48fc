import { type Interval, meanInterval } from "../statistics/interval.js";
import { type Band, sharedRanks } from "../statistics/ranks.js";
import { comparedSeeds, covers, type Entry, officialSeeds, type Scores } from "../statistics/seeds.js";

/** The place of an entry; rank and band are null for a preview. */
interface Place {
  readonly rank: number | null;
  readonly band: Band | null;
  readonly interval: Interval | null;
}

/** Holm's correction as a function: p of two ranked entries, ascending, with what becomes of it. */
export type HolmOf = readonly (readonly [p: number, corrected: number])[];

export interface Places {
  readonly seeds: readonly number[];
  /** The places, in the order of the entries. */
  readonly places: readonly Place[];
  readonly holm: HolmOf;
}

/**
 * The most entries for which all pairs are compared. More entries share one rank, as nothing shows that they differ.
 */
export const mostCompared = 250;

/**
 * Ranks entries like `sharedRanks`, but also thousands of them. An entry without scores is a preview.
 * @param official the suite's seeds, where they are known
 */
export function placesOf(entries: readonly Scores[], minimumEffect: number, official?: readonly number[]): Places {
  const scored = entries.flatMap((scores, i) => (scores.size > 0 ? [{ name: String(i), scores }] : []));
  if (scored.length > mostCompared) return unseparated(entries, scored, official);
  const ranks = sharedRanks(scored, { minimumEffect, ...(official && { seeds: official }) });
  const byName = new Map(ranks.entries.map((entry) => [entry.name, entry]));
  const holm = new Map(ranks.comparisons.map(({ p, holm }) => [p, holm]));
  return {
    seeds: ranks.seeds,
    places: entries.map((_, i) => byName.get(String(i)) ?? { rank: null, band: null, interval: null }),
    holm: [...holm].sort(([a], [b]) => a - b),
  };
}

function unseparated(entries: readonly Scores[], scored: readonly Entry[], official?: readonly number[]): Places {
  const seeds = official ?? comparedSeeds(scored);
  const isOfficial = (scores: Scores) => seeds.length >= officialSeeds && covers(scores, seeds);
  const place = { rank: 1, band: { best: 1, worst: scored.filter(({ scores }) => isOfficial(scores)).length } };
  const preview = { rank: null, band: null };
  return {
    seeds,
    places: entries.map((scores) => {
      const ranked = isOfficial(scores);
      const values = ranked ? seeds.map((seed) => scores.get(seed) as number) : [...scores.values()];
      return { ...(ranked ? place : preview), interval: values.length > 0 ? meanInterval(values) : null };
    }),
    holm: [],
  };
}
