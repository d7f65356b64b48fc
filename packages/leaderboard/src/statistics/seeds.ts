/** The number of paired seeds from which a rank is official. */
export const officialSeeds = 10;

/** The level of the tests: the largest probability of a false separation in a setting. */
export const level = 0.05;

/** A learner's scores by seed: the higher the better. */
export type Scores = ReadonlyMap<number, number>;

/** A learner in one setting. */
export interface Entry {
  /** The learner's name, which no other entry has. */
  readonly name: string;
  readonly scores: Scores;
}

/**
 * The seeds to compare entries on where nobody has declared them, ascending. Of the sets of seeds that the entries have
 * (those of ten or more, if there are any), it is the one that most entries cover; then the largest; then the one of the
 * lowest seeds. So an entry that lacks a seed does not take it from the others, but one that has ten of their twenty
 * does: whoever knows a suite's seeds should rather say them. The order of the entries does not matter.
 */
export function comparedSeeds(entries: readonly Entry[]): number[] {
  // Thousands of entries have a few different sets.
  const sets = new Map<string, { scores: Scores; seeds: number[]; count: number }>();
  for (const { scores } of entries) {
    const seeds = [...scores.keys()].sort((a, b) => a - b);
    const known = sets.get(seeds.join());
    if (known) known.count++;
    else sets.set(seeds.join(), { scores, seeds, count: 1 });
  }
  const all = [...sets.values()];
  const covering = (seeds: readonly number[]): number =>
    all.reduce((sum, { scores, count }) => sum + (covers(scores, seeds) ? count : 0), 0);
  const enough = all.filter(({ seeds }) => seeds.length >= officialSeeds);
  const ordered = (enough.length > 0 ? enough : all)
    .map(({ seeds }) => ({ seeds, covering: covering(seeds) }))
    .sort((a, b) => b.covering - a.covering || b.seeds.length - a.seeds.length || lowest(a.seeds, b.seeds));
  return ordered.length > 0 ? ordered[0].seeds : [];
}

/** Whether there is a score for each of the seeds. */
export function covers(scores: Scores, seeds: readonly number[]): boolean {
  return seeds.every((seed) => scores.has(seed));
}

function lowest(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((seed, i) => seed !== b[i]);
  return at < 0 ? 0 : a[at] - b[at];
}
