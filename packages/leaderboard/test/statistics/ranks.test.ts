import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { holm } from "../../src/statistics/holm.js";
import { meanInterval } from "../../src/statistics/interval.js";
import { jointSignFlip } from "../../src/statistics/joint.js";
import { mean } from "../../src/statistics/mean.js";
import { type RankedEntry, type Ranks, sharedRanks } from "../../src/statistics/ranks.js";
import { comparedSeeds, type Entry } from "../../src/statistics/seeds.js";
import { signFlipTest } from "../../src/statistics/sign-flip.js";
import { normal } from "./normal.js";

const range = (n: number, from = 0): number[] => Array.from({ length: n }, (_, i) => from + i);

function entry(name: string, seeds: readonly number[], score: (seed: number) => number): Entry {
  return { name, scores: new Map(seeds.map((seed) => [seed, score(seed)])) };
}

/** A wobble of all entries alike, which pairing takes away. */
const wobble = (seed: number): number => 0.01 * ((seed * 7) % 5);
const steady = (name: string, level: number, seeds = range(10)): Entry =>
  entry(name, seeds, (seed) => level + wobble(seed));

const ranks = ({ entries }: Ranks): Record<string, number | null> =>
  Object.fromEntries(entries.map(({ name, rank }) => [name, rank]));
const bands = ({ entries }: Ranks): Record<string, number[] | null> =>
  Object.fromEntries(entries.map(({ name, band }) => [name, band && [band.best, band.worst]]));

/** Boards of learners that differ by more or less than their noise, some at the same places. */
const boards = fc
  .record({
    levels: fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 7 }),
    noise: fc.constantFrom(0, 0.002, 0.01, 0.03),
    minimumEffect: fc.constantFrom(0, 0.01, 0.02),
    seed: fc.nat(),
  })
  .map(({ levels, noise, minimumEffect, seed }) => {
    const draw = normal(seed);
    const entries = levels.map((level, i) =>
      entry(`learner ${i}`, range(10), (seed) => 0.5 + level / 100 + wobble(seed) + noise * draw()),
    );
    return { entries, minimumEffect };
  });

describe("sharedRanks", () => {
  it("ranks what ten seeds tell apart, and lets the rest share", () => {
    const found = sharedRanks(
      [steady("low", 0.5), steady("high", 0.8), steady("also high", 0.8), steady("middle", 0.6)],
      { minimumEffect: 0.01 },
    );
    expect(ranks(found)).toEqual({ high: 1, "also high": 1, middle: 3, low: 4 });
    expect(bands(found)).toEqual({ high: [1, 2], "also high": [1, 2], middle: [3, 3], low: [4, 4] });
    expect(found.entries.map(({ name }) => name)).toEqual(["low", "high", "also high", "middle"]);
    expect(found.seeds).toEqual(range(10));
    const { first, second, difference, p, holm, adjusted, separated } = found.comparisons[0];
    expect([first, second, p, separated]).toEqual(["low", "high", 2 / 1024, true]);
    expect(difference).toBeCloseTo(-0.3, 14);
    // Five pairs have the least p, and six pairs are compared.
    expect(holm).toBe((6 * 2) / 1024);
    // All five go together: no flip but all or none gives as large a statistic.
    expect(adjusted).toBe(2 / 1024);
  });

  it("asks for the minimum effect, which rounding does not decide", () => {
    const pair = [steady("a", 0.7), steady("b", 0.69)];
    expect(ranks(sharedRanks(pair, { minimumEffect: 0.01 }))).toEqual({ a: 1, b: 2 });
    expect(ranks(sharedRanks(pair, { minimumEffect: 0.0101 }))).toEqual({ a: 1, b: 1 });
    for (const level of [0.1, 0.3, 0.57, 0.8])
      expect(
        sharedRanks([steady("a", level), steady("b", level - 0.1)], { minimumEffect: 0.1 }).comparisons[0].separated,
      ).toBe(true);
  });

  it("lets a chain share a rank, and says in the bands what is known beyond it", () => {
    // A and C are 2% apart, B is 1% from either; only 1.5% count.
    const chain = [steady("a", 0.72), steady("b", 0.71), steady("c", 0.7)];
    const found = sharedRanks(chain, { minimumEffect: 0.015 });
    expect(found.comparisons.map(({ separated }) => separated)).toEqual([false, true, false]);
    expect(ranks(found)).toEqual({ a: 1, b: 1, c: 1 });
    expect(bands(found)).toEqual({ a: [1, 2], b: [1, 3], c: [2, 3] });
    // Without B they are apart: one more entry may join two ranks.
    expect(ranks(sharedRanks([chain[0], chain[2]], { minimumEffect: 0.015 }))).toEqual({ a: 1, c: 2 });
  });

  it("lets a noisy entry join two ranks that are separated", () => {
    const noisy = entry("noisy", range(10), (seed) => 0.78 + (seed % 2 === 0 ? 0.3 : -0.3));
    const found = sharedRanks([steady("b", 0.7), steady("a", 0.71), noisy], { minimumEffect: 0 });
    expect(found.comparisons.map(({ separated }) => separated)).toEqual([true, false, false]);
    expect(ranks(found)).toEqual({ noisy: 1, a: 1, b: 1 });
    expect(bands(found)).toEqual({ noisy: [1, 3], a: [1, 2], b: [2, 3] });
  });

  it("separates forty learners with ten seeds, where Holm's correction separates none of eight", () => {
    const found = sharedRanks(
      range(40).map((k) => steady(`learner ${k}`, 0.02 * k)),
      { minimumEffect: 0 },
    );
    expect(Object.values(ranks(found))).toEqual(range(40, 1).toReversed());
    expect(Math.min(...found.comparisons.map(({ holm }) => holm))).toBe(1);
  });

  it("shows fewer than ten seeds as a preview, and ranks none of it", () => {
    const found = sharedRanks([steady("a", 0.9, range(9)), steady("b", 0.1, range(9))], { minimumEffect: 0 });
    expect(found.comparisons).toEqual([]);
    expect(found.entries.map(({ rank, band, n }) => [rank, band, n])).toEqual([
      [null, null, 9],
      [null, null, 9],
    ]);
    expect(found.entries[0].mean).toBeCloseTo(mean(range(9).map((seed) => 0.9 + wobble(seed))), 14);
    expect(sharedRanks([entry("a", [4], () => 0.5)], { minimumEffect: 0 }).entries[0].interval).toBeNull();
    expect(sharedRanks([], { minimumEffect: 0 })).toEqual({ seeds: [], entries: [], comparisons: [] });
    expect(ranks(sharedRanks([steady("alone", 0.5)], { minimumEffect: 0 }))).toEqual({ alone: 1 });
  });

  it("takes no seed from the others for an entry that lacks it, and looks at no seed that is not compared", () => {
    const complete = [steady("a", 0.9), steady("b", 0.5, range(12))];
    const alone = sharedRanks(complete, { minimumEffect: 0 });
    const gap = entry("gap", [...range(9), 99], () => 1);
    const early = steady("early", 0.99, range(3));
    const found = sharedRanks([gap, ...complete, early], { minimumEffect: 0 });
    expect(ranks(found)).toEqual({ gap: null, a: 1, b: 2, early: null });
    expect(found.comparisons).toEqual(alone.comparisons);
    expect(found.entries.slice(1, 3)).toEqual(alone.entries);
    expect(found.entries.map(({ n }) => n)).toEqual([10, 10, 10, 3]);
  });

  it("compares the seeds that are declared", () => {
    const entries = [steady("a", 0.9, range(20)), steady("b", 0.5, range(15)), steady("c", 0.7, range(10))];
    expect(sharedRanks(entries, { minimumEffect: 0 }).seeds).toEqual(range(10));
    const declared = sharedRanks(entries, { minimumEffect: 0, seeds: range(15).toReversed() });
    expect(ranks(declared)).toEqual({ a: 1, b: 2, c: null });
    expect(declared.seeds).toEqual(range(15));
    expect(declared.entries.map(({ n }) => n)).toEqual([15, 15, 10]);
    expect(declared.comparisons[0].p).toBe(2 / 2 ** 15);
    const beyond = (name: string, level: number): Entry =>
      entry(name, range(20), (seed) => (seed < 10 ? level + wobble(seed) : 1 - level));
    expect(sharedRanks([beyond("a", 0.9), beyond("b", 0.5)], { minimumEffect: 0, seeds: range(10) })).toEqual(
      sharedRanks([steady("a", 0.9), steady("b", 0.5)], { minimumEffect: 0 }),
    );
    const few = sharedRanks(entries, { minimumEffect: 0, seeds: [...range(9), 3, 3] });
    expect(Object.values(ranks(few))).toEqual([null, null, null]);
  });

  it("gives different ranks only to entries that are separated, in the order of their means", () => {
    let shared = 0;
    let apart = 0;
    fc.assert(
      fc.property(boards, ({ entries, minimumEffect }) => {
        const found = sharedRanks(entries, { minimumEffect });
        const of = (name: string) => found.entries.find((one) => one.name === name) as RankedEntry;
        for (const { first, second, difference, separated } of found.comparisons) {
          const [a, b] = [of(first), of(second)];
          if (a.rank !== b.rank) expect(separated && difference > 0 === Number(a.rank) < Number(b.rank)).toBe(true);
          if (a.rank === b.rank) shared++;
          else apart++;
        }
        for (const { rank, band } of found.entries) {
          // Competition ranking: as many are above as the rank says; no band leaves out the rank's places.
          expect(found.entries.filter((other) => Number(other.rank) < Number(rank)).length).toBe(Number(rank) - 1);
          const sharing = found.entries.filter((other) => other.rank === rank).length;
          expect(band?.best).toBeGreaterThanOrEqual(Number(rank));
          expect(band?.worst).toBeLessThanOrEqual(Number(rank) + sharing - 1);
          expect(band?.worst).toBeGreaterThanOrEqual(Number(band?.best));
        }
      }),
    );
    expect(Math.min(shared, apart)).toBeGreaterThan(50);
  });

  it("is what its parts give by the plain definition, whatever the order of entries", () => {
    fc.assert(
      fc.property(boards, ({ entries, minimumEffect }) => {
        const found = sharedRanks(entries, { minimumEffect });
        const pairs = entries.flatMap((a, i) => entries.slice(i + 1).map((b) => [a, b]));
        const tests = pairs.map(([a, b]) => signFlipTest(a.scores, b.scores));
        const adjusted = jointSignFlip(entries.map(({ scores }) => [...scores.values()]));
        expect(found.comparisons.map(({ holm }) => holm)).toEqual(holm(tests.map(({ p }) => p)));
        const better = new Map(entries.map(({ name }) => [name, 0]));
        pairs.forEach(([a, b], i) => {
          const { difference } = tests[i];
          if (adjusted[i] >= 0.05 || Math.abs(difference) < minimumEffect - 1e-12) return;
          const low = (difference > 0 ? b : a).name;
          better.set(low, (better.get(low) ?? 0) + 1);
        });
        found.entries.forEach(({ name, n, mean: centre, band, interval }, i) => {
          const values = [...entries[i].scores.values()];
          expect([name, n, centre, interval]).toEqual([entries[i].name, 10, mean(values), meanInterval(values)]);
          expect(band?.best).toBe(1 + (better.get(name) ?? 0));
        });
        const turned = sharedRanks(entries.toReversed(), { minimumEffect });
        expect(turned.entries).toEqual(found.entries.toReversed());
      }),
    );
  });

  it("separates learners that are alike in at most 5% of boards", () => {
    const draw = normal(4);
    const trials = 1000;
    let wrong = 0;
    for (let i = 0; i < trials; i++) {
      const entries = range(5).map((k) => entry(`learner ${k}`, range(10), () => 0.7 + 0.05 * draw()));
      if (sharedRanks(entries, { minimumEffect: 0 }).comparisons.some(({ separated }) => separated)) wrong++;
    }
    // The test is exact: 25 of 512 flips, 4.9%. Three standard errors above 5%.
    expect(wrong / trials).toBeLessThan(0.05 + 3 * Math.sqrt((0.05 * 0.95) / trials));
    expect(wrong).toBeGreaterThan(0);
  });

  it("refuses what it cannot rank", () => {
    const rank =
      (entries: Entry[], minimumEffect = 0) =>
      () =>
        sharedRanks(entries, { minimumEffect });
    expect(rank([steady("a", 0.5), steady("a", 0.6)])).toThrow('"a" is there twice');
    expect(rank([entry("a", [], () => 0)])).toThrow('"a" has no score; run it, or leave it out.');
    expect(rank([entry("a", [3], () => Number.NaN)])).toThrow('"a" has the score NaN at seed 3;');
    for (const wrong of [-0.01, Number.NaN, Infinity]) expect(rank([], wrong)).toThrow(`at least 0, not ${wrong}.`);
  });
});

describe("comparedSeeds", () => {
  it("takes the set that most entries cover, then the largest, then the lowest", () => {
    expect(comparedSeeds([])).toEqual([]);
    const of = (...sets: number[][]) =>
      comparedSeeds(sets.map((seeds, i) => entry(`${i}`, seeds.toReversed(), () => 0)));
    expect(of(range(10, 5), range(10), range(11))).toEqual(range(10));
    expect(of(range(10, 5), range(10))).toEqual(range(10));
    expect(of(range(10), range(12, 5))).toEqual(range(12, 5));
    // Three of three seeds are covered by all, but ten by one are official.
    expect(of(range(3), range(3), range(10))).toEqual(range(10));
    expect(of(range(3), range(4), [0, 2, 5])).toEqual(range(3));
    // Every entry counts, also those with a set that was there before.
    expect(of(range(12), range(10, 5), range(10, 5))).toEqual(range(10, 5));
  });
});
