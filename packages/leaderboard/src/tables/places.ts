import { type Interval, meanInterval } from "../statistics/interval.js";
import { type Band, sharedRanks } from "../statistics/ranks.js";
import { covers, officialSeeds, type Scores, seedsToSeparate } from "../statistics/seeds.js";

/** Where an entry stands; rank and band are null for a preview. */
interface Place {
  readonly rank: number | null;
  readonly band: Band | null;
  readonly interval: Interval | null;
}

/**
 * Holm's correction as a function: p of two ranked entries, ascending, with what becomes of it. Empty where there are so
 * many pairs that every p becomes 1.
 */
export type Adjusted = readonly (readonly [p: number, adjusted: number])[];

export interface Places {
  readonly seeds: readonly number[];
  /** In the order given. */
  readonly places: readonly Place[];
  readonly adjusted: Adjusted;
}

/** Up to so many entries all pairs are compared. */
const mostCompared = 250;

/** `sharedRanks`, also of thousands of entries; one without scores is a preview. */
export function placesOf(entries: readonly Scores[], minimumEffect: number): Places {
  const scored = entries.flatMap((scores, i) => (scores.size > 0 ? [{ name: String(i), scores }] : []));
  const seeds = scored.length > mostCompared ? commonSeeds(scored.map(({ scores }) => scores)) : undefined;
  const official = seeds ? scored.filter(({ scores }) => covers(scores, seeds)) : scored;
  // So many learners share a rank whatever they score: no need for millions of pairs.
  if (seeds && seeds.length < seedsToSeparate(official.length)) return unseparated(entries, seeds, official.length);
  const ranks = sharedRanks(scored, { minimumEffect, ...(seeds ? { seeds } : {}) });
  const byName = new Map(ranks.entries.map((entry) => [entry.name, entry]));
  const adjusted = new Map(ranks.comparisons.map(({ p, adjusted }) => [p, adjusted]));
  return {
    seeds: ranks.seeds,
    places: entries.map((_, i) => byName.get(String(i)) ?? { rank: null, band: null, interval: null }),
    adjusted: [...adjusted].sort(([a], [b]) => a - b),
  };
}

function unseparated(entries: readonly Scores[], seeds: readonly number[], ranked: number): Places {
  const place = { rank: 1, band: { best: 1, worst: ranked } };
  const preview = { rank: null, band: null };
  return {
    seeds,
    places: entries.map((scores) => {
      const official = seeds.length >= officialSeeds && covers(scores, seeds);
      const values = official ? seeds.map((seed) => scores.get(seed) as number) : [...scores.values()];
      return { ...(official ? place : preview), interval: values.length > 0 ? meanInterval(values) : null };
    }),
    adjusted: [],
  };
}

/** What `comparedSeeds` answers, but each different set of seeds is looked at once instead of with every entry. */
function commonSeeds(entries: readonly Scores[]): readonly number[] {
  const sets = new Map<string, { scores: Scores; seeds: readonly number[]; entries: number }>();
  for (const scores of entries) {
    const seeds = [...scores.keys()].sort((a, b) => a - b);
    const known = sets.get(seeds.join());
    if (known) known.entries++;
    else sets.set(seeds.join(), { scores, seeds, entries: 1 });
  }
  const all = [...sets.values()];
  const enough = all.filter(({ seeds }) => seeds.length >= officialSeeds);
  const [best] = (enough.length > 0 ? enough : all)
    .map(({ seeds }) => ({
      seeds,
      covering: all.reduce((sum, { scores, entries }) => sum + (covers(scores, seeds) ? entries : 0), 0),
    }))
    .sort((a, b) => b.covering - a.covering || b.seeds.length - a.seeds.length || lowest(a.seeds, b.seeds));
  return best.seeds;
}

function lowest(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((seed, i) => seed !== b[i]);
  return at < 0 ? 0 : a[at] - b[at];
}
