import { describe, expect, it } from "vitest";
import { generator, splitMix, xoshiro } from "../../src/statistics/generator.js";
import { reference } from "./reference.js";

describe("the generator", () => {
  it("is the published xoshiro128**, its state filled by SplitMix64", () => {
    const next = xoshiro([1, 2, 3, 4]);
    expect(Array.from({ length: 10 }, next)).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
    // SplitMix64 from 0 begins with e220a8397b1dcdaf, 6e789e6aa1b965f4.
    expect(splitMix(0n).map((bits) => (bits >>> 0).toString(16))).toEqual([
      "7b1dcdaf",
      "e220a839",
      "a1b965f4",
      "6e789e6a",
    ]);
  });

  it.each(reference.words)("draws what a plain implementation draws from seed $seed", ({ seed, words }) => {
    expect(Array.from({ length: words.length }, generator(seed))).toEqual(words);
  });

  it("sets every bit half of the time", () => {
    const next = generator(3);
    const counts = new Float64Array(32);
    for (let i = 0; i < 10_000; i++) {
      const bits = next();
      for (let k = 0; k < 32; k++) counts[k] += (bits >>> k) & 1;
    }
    for (const count of counts) expect(Math.abs(count - 5000)).toBeLessThan(250); // five standard deviations
  });

  it("refuses what is no seed", () => {
    for (const seed of [0.5, Number.NaN, 2 ** 53]) expect(() => generator(seed)).toThrow(`not ${seed}.`);
  });
});
