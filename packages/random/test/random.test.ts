import { deserialize, serialize } from "node:v8";
import type { State } from "@everlearn/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { random } from "../src/index.js";

const draws = (generator: ReturnType<typeof random>, n = 8) =>
  Array.from({ length: n }, () => generator.integer(2 ** 32));

/** Pearson's χ² of counts that should be equal. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

it("gives the same numbers for the same seed and name on every machine", () => {
  expect(draws(random(0), 3)).toEqual([2132370218, 3918883296, 3323073547]);
  expect(draws(random(7, "stream").fork("task-3").fork("angle"), 3)).toEqual([967744516, 3174774908, 1831138970]);
  expect(random(1).uniform()).toBe(0.611361043896312);
  expect([...random(1).permutation(10)]).toEqual([3, 7, 9, 8, 4, 5, 1, 0, 2, 6]);
});

it("gives other numbers for every other seed, name and fork", () => {
  const generators = [
    ...Array.from({ length: 500 }, (_, seed) => random(seed)),
    ...Array.from({ length: 500 }, (_, seed) => random(-1 - seed)),
    ...Array.from({ length: 500 }, (_, i) => random(0, `name-${i}`)),
    ...Array.from({ length: 500 }, (_, i) => random(0).fork(i)),
    random(0).fork("a").fork("b"),
    random(0).fork("b").fork("a"),
    random(Number.MAX_SAFE_INTEGER),
  ];
  expect(new Set(generators.map((generator) => draws(generator, 2).join())).size).toBe(generators.length);
});

it("forks alike whatever was drawn before", () => {
  const drawn = random(5, "buffer");
  draws(drawn, 100);
  expect(draws(drawn.fork("x"))).toEqual(draws(random(5, "buffer").fork("x")));
});

it("goes on from a saved state, which does not change meanwhile", () => {
  fc.assert(
    fc.property(fc.integer(), fc.nat(50), (seed, before) => {
      const generator = random(seed);
      draws(generator, before);
      const state = generator.save();
      const stored = deserialize(serialize(state)) as State;
      const expected = draws(generator);
      expect(state).toEqual(stored);
      const other = random(seed + 1);
      other.load(stored);
      expect(draws(other)).toEqual(expected);
    }),
  );
});

describe("is uniform", () => {
  it.each([2, 3, 10, 100])("over the integers below %i", (bound) => {
    const generator = random(bound, "uniform");
    const counts = new Array<number>(bound).fill(0);
    for (let i = 0; i < 2000 * bound; i++) counts[generator.integer(bound)]++;
    // The mean of χ² is bound − 1, its variance twice that: five standard deviations.
    expect(chiSquare(counts)).toBeLessThan(bound - 1 + 5 * Math.sqrt(2 * (bound - 1)) + 10);
  });

  it("over [0, 1)", () => {
    const generator = random(3, "unit");
    const counts = new Array<number>(64).fill(0);
    for (let i = 0; i < 64_000; i++) counts[Math.floor(generator.uniform() * 64)]++;
    expect(counts.length).toBe(64);
    expect(chiSquare(counts)).toBeLessThan(63 + 5 * Math.sqrt(126));
  });

  it("over the places of a permutation", () => {
    const generator = random(4, "permutation");
    const counts = new Array<number>(36).fill(0);
    for (let i = 0; i < 6000; i++)
      generator.permutation(6).forEach((value, place) => {
        counts[6 * place + value]++;
      });
    expect(chiSquare(counts)).toBeLessThan(25 + 5 * Math.sqrt(50));
  });

  it("over pairs of neighbouring draws", () => {
    const generator = random(9, "pairs");
    const counts = new Array<number>(64).fill(0);
    for (let i = 0; i < 64_000; i++) counts[8 * generator.integer(8) + generator.integer(8)]++;
    expect(chiSquare(counts)).toBeLessThan(63 + 5 * Math.sqrt(126));
  });
});

it("draws without replacement", () => {
  fc.assert(
    fc.property(fc.integer(), fc.nat(60), fc.nat(60), (seed, a, b) => {
      const [count, n] = [Math.min(a, b), Math.max(a, b)];
      const drawn = random(seed).permutation(n, count);
      expect(drawn.length).toBe(count);
      expect(new Set(drawn).size).toBe(count);
      for (const value of drawn) expect(value).toBeLessThan(n);
    }),
  );
  expect(() => random(0).permutation(3, 4)).toThrow("Cannot draw 4 of 3 without replacement.");
});

it("refuses what is no seed", () => {
  for (const seed of [0.5, Number.NaN, 2 ** 53]) expect(() => random(seed)).toThrow(RangeError);
});
