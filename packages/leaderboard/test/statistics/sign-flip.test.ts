import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Scores } from "../../src/statistics/seeds.js";
import { signFlipTest } from "../../src/statistics/sign-flip.js";
import { normal } from "./normal.js";
import { reference } from "./reference.js";

function bySeed(scores: readonly number[]): Scores {
  return new Map(scores.map((score, seed) => [seed, score]));
}

/** p of differences that are whole numbers, whose sums are exact: every one of the 2^n choices of signs. */
function bruteForce(differences: readonly number[]): number {
  const n = differences.length;
  const sum = (signs: number): number => differences.reduce((sum, d, i) => sum + (signs & (1 << i) ? -d : d), 0);
  const found = Math.abs(sum(0));
  let count = 0;
  for (let signs = 0; signs < 2 ** n; signs++) if (Math.abs(sum(signs)) >= found) count++;
  return count / 2 ** n;
}

/** Counts of right answers, few enough for many ties. */
const counts = (minLength: number, maxLength: number) =>
  fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 30 })), { minLength, maxLength });

describe("signFlipTest", () => {
  it.each(reference.signFlips)("finds SciPy's p for $first.length pairs: $p", ({ first, second, p }) => {
    const found = signFlipTest(bySeed(first), bySeed(second)).p;
    if (first.length <= 20) return expect(found).toBe(p);
    expect(Math.abs(found - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / 99_999));
  });

  it("counts every choice of signs up to 10 pairs, ties and all", () => {
    fc.assert(
      fc.property(counts(1, 10), fc.constantFrom(1, 7, 30, 9973), (pairs, tests) => {
        const [first, second] = [0, 1].map((k) => bySeed(pairs.map((pair) => pair[k] / tests)));
        expect(signFlipTest(first, second).p).toBe(bruteForce(pairs.map(([a, b]) => a - b)));
      }),
    );
  });

  it("gives 2/2^n where all differences have one sign, which is its least", () => {
    for (const [n, p] of [
      [1, 1],
      [5, 0.0625],
      [10, 2 / 1024],
      [20, 2 / 2 ** 20],
    ]) {
      const low = bySeed(Array.from({ length: n }, (_, i) => 0.1 * (i + 1)));
      const high = bySeed(Array.from({ length: n }, (_, i) => 0.1 * (i + 1) + 0.01 * (i + 1) ** 2));
      expect(signFlipTest(low, high).p).toBe(p);
    }
  });

  it("gives 1 where nothing differs, and where the sums balance but for rounding", () => {
    expect(signFlipTest(bySeed([0.1, 0.2, 0.3]), bySeed([0.1, 0.2, 0.3])).p).toBe(1);
    expect(signFlipTest(bySeed([0.8, 0.2]), bySeed([0.7, 0.3])).p).toBe(1); // 0.8 − 0.7 > 0.3 − 0.2
    expect(
      signFlipTest(bySeed(Array.from({ length: 30 }, () => 0.5)), bySeed(Array.from({ length: 30 }, () => 0.5))).p,
    ).toBe(1);
  });

  it("takes 0.8 − 0.7 and 0.3 − 0.2 for ties", () => {
    // Differences 0.1, 0.1, −0.1 to rounding: six of the eight sums are ± 0.1, two ± 0.3, so all are as extreme.
    expect(signFlipTest(bySeed([0.8, 0.3, 0.4]), bySeed([0.7, 0.2, 0.5])).p).toBe(1);
    // One answer of a million: such differences are as exact as the scores near 1, not as themselves.
    const answers = [991_300, 987_612, 993_407, 995_178];
    for (const odd of answers.keys()) {
      const first = answers.map((count) => count / 1e6);
      const second = answers.map((count, i) => (i === odd ? count + 1 : count - 1) / 1e6);
      expect(signFlipTest(bySeed(first), bySeed(second)).p).toBe(bruteForce([-1, 1, 1, 1]));
    }
  });

  it("does not depend on which comes first, on the order of seeds, or on the unit", () => {
    fc.assert(
      fc.property(counts(1, 24), fc.constantFrom(0.01, 1, 100), (pairs, unit) => {
        const [first, second] = [0, 1].map((k) => bySeed(pairs.map((pair) => (unit * pair[k]) / 37)));
        const options = { draws: 500 };
        const { n, difference, p } = signFlipTest(first, second, options);
        expect(n).toBe(pairs.length);
        expect(signFlipTest(second, first, options)).toEqual({ n, p, difference: expect.closeTo(-difference, 12) });
        const turned = new Map([...first].toReversed());
        expect(signFlipTest(turned, second, options)).toEqual({ n, p, difference });
        expect(difference).toBeCloseTo((unit * pairs.reduce((sum, [a, b]) => sum + a - b, 0)) / 37 / n, 10);
        if (n > 20) return;
        const shuffled = pairs.toSorted(([a], [b]) => a - b);
        const [third, fourth] = [0, 1].map((k) => bySeed(shuffled.map((pair) => pair[k] / 37)));
        expect(signFlipTest(third, fourth).p).toBe(p);
      }),
    );
  });

  it("pairs by seed and leaves out what only one has", () => {
    const first = new Map([
      [3, 0.9],
      [1, 0.5],
      [7, 0.1],
    ]);
    const second = new Map([
      [1, 0.4],
      [2, 0.0],
      [3, 0.7],
    ]);
    expect(signFlipTest(first, second)).toEqual({ n: 2, difference: expect.closeTo(0.15, 12), p: 0.5 });
  });

  it("never finds p = 0 by drawing, counts the identity, and draws the same each time", () => {
    const low = bySeed(Array.from({ length: 40 }, () => 0.1));
    const high = bySeed(Array.from({ length: 40 }, () => 0.2));
    expect(signFlipTest(low, high).p).toBe(1 / 100_000);
    expect(signFlipTest(low, high, { draws: 9 }).p).toBe(0.1);
    const draw = normal(1);
    const [a, b] = [0, 1].map(() => bySeed(Array.from({ length: 33 }, draw)));
    const found = signFlipTest(a, b, { draws: 1000, seed: 5 });
    expect(signFlipTest(a, b, { draws: 1000, seed: 5 })).toEqual(found);
    expect(signFlipTest(new Map([...a].toReversed()), b, { draws: 1000, seed: 5 })).toEqual(found);
    const others = Array.from({ length: 10 }, (_, seed) => signFlipTest(a, b, { draws: 1000, seed: 100 + seed }).p);
    expect(new Set(others).size).toBeGreaterThan(1);
  });

  it.each([
    [10, 2000],
    [25, 1000],
  ])("rejects what is alike over %i seeds no more often than it says", (n, trials) => {
    const draw = normal(9);
    let rejected = 0;
    for (let i = 0; i < trials; i++) {
      const [a, b] = [0, 1].map(() => bySeed(Array.from({ length: n }, draw)));
      if (signFlipTest(a, b, { draws: 999, seed: i }).p <= 0.05) rejected++;
    }
    // At most 5%, and not far below: four standard errors, and the steps of 2/1024 and 1/1000.
    expect(Math.abs(rejected / trials - 0.05)).toBeLessThan(4 * Math.sqrt((0.95 * 0.05) / trials) + 0.002);
  });

  it("refuses what it cannot pair or count", () => {
    const one = bySeed([0.5]);
    expect(() => signFlipTest(one, new Map([[4, 0.5]]))).toThrow("these two share none");
    for (const wrong of [Number.NaN, Infinity, -Infinity])
      expect(() => signFlipTest(one, bySeed([wrong]))).toThrow("A score is not a finite number");
    const many = bySeed(Array.from({ length: 21 }, () => 0.5));
    for (const draws of [0, 1.5, Number.NaN])
      expect(() => signFlipTest(many, many, { draws })).toThrow(`at least 1, not ${draws}.`);
    expect(() => signFlipTest(many, many, { seed: 0.5 })).toThrow("A seed is an integer, not 0.5.");
  });
});
