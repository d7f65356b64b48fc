import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bootstrap } from "../../src/statistics/bootstrap.js";
import { performanceProfile } from "../../src/statistics/profile.js";
import { reference } from "./reference.js";

const average = (sample: Float64Array): number[] => [sample.reduce((sum, value) => sum + value, 0) / sample.length];

describe("bootstrap", () => {
  it("draws each setting's scores from that setting, all of them equally often", () => {
    const table = [
      [1, 2, 3],
      [10, 20, 30],
    ];
    const counts = new Map<number, number>();
    bootstrap(
      table,
      (sample) => {
        sample.forEach((value, i) => {
          expect(table[i < 3 ? 0 : 1]).toContain(value);
          counts.set(value, (counts.get(value) ?? 0) + 1);
        });
        return [];
      },
      { resamples: 3000 },
    );
    for (const value of table.flat()) expect(Math.abs((counts.get(value) ?? 0) - 3000)).toBeLessThan(250);
  });

  it("gives the percentiles that a sample of two has", () => {
    // The mean of two draws of 0 or 1 is 0, ½ or 1, of which each end has a quarter.
    expect(bootstrap([[0, 1]], average)).toEqual([{ lower: 0, upper: 1 }]);
    expect(bootstrap([[0.3], [0.5]], average)).toEqual([{ lower: 0.4, upper: 0.4 }]);
  });

  it("places percentiles between two resamples on the straight line", () => {
    let drawn = 0;
    const [interval] = bootstrap([[0]], () => [drawn++], { resamples: 11 });
    expect(interval).toEqual({ lower: 0.25, upper: 9.75 });
    expect(bootstrap([[0]], () => [7], { resamples: 1 })).toEqual([{ lower: 7, upper: 7 }]);
  });

  it("has bits that only arguments decide", () => {
    const table = reference.bootstrap.scores;
    expect(bootstrap(table, average)).toEqual(bootstrap(table, average));
    expect(bootstrap(table, average, { seed: 1 })).not.toEqual(bootstrap(table, average));
  });

  it("refuses tables with holes, and numbers that are none", () => {
    const of =
      (table: number[][], options = {}) =>
      () =>
        bootstrap(table, average, options);
    expect(of([])).toThrow("There is nothing to draw from");
    expect(of([[]])).toThrow("There is nothing to draw from");
    expect(of([[1, 2], [1]])).toThrow("Setting 1 has 1 scores, setting 0 has 2; give the same seeds to each.");
    expect(of([[1, Number.NaN]])).toThrow("Setting 0 has the score NaN");
    for (const resamples of [0, 2.5, Number.NaN]) expect(of([[1]], { resamples })).toThrow(`not ${resamples}.`);
    expect(of([[1]], { seed: 0.5 })).toThrow("A seed is an integer, not 0.5.");
  });
});

describe("performanceProfile", () => {
  const { scores, thresholds, profile, bands } = reference.bootstrap;

  it("is rliable's, its bands to the noise of 2000 resamples", () => {
    performanceProfile(scores, thresholds).forEach(({ threshold, fraction, interval }, k) => {
      expect(threshold).toBe(thresholds[k]);
      expect(fraction).toBeCloseTo(profile[k], 14);
      // Fractions of 40 runs: one step.
      expect(Math.abs(interval.lower - bands[k][0])).toBeLessThan(1.01 / 40);
      expect(Math.abs(interval.upper - bands[k][1])).toBeLessThan(1.01 / 40);
    });
  });

  it("counts what is above, not what is equal", () => {
    const found = performanceProfile([[0.2, 0.5, 0.5, 0.9]], [0, 0.2, 0.5, 0.8, 0.9]);
    expect(found.map(({ fraction }) => fraction)).toEqual([1, 0.75, 0.25, 0.25, 0]);
    expect(found[0].interval).toEqual({ lower: 1, upper: 1 });
    expect(found[4].interval).toEqual({ lower: 0, upper: 0 });
  });

  it("is the plain count, and descends with its bands", () => {
    const table = fc.integer({ min: 1, max: 6 }).chain((n) =>
      fc.array(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: n, maxLength: n }), {
        minLength: 1,
        maxLength: 4,
      }),
    );
    const grid = fc.uniqueArray(fc.double({ min: -0.5, max: 1.5, noNaN: true }), { maxLength: 12 });
    fc.assert(
      fc.property(table, grid, (table, grid) => {
        const ascending = grid
          .map((value) => value + 0)
          .sort((a, b) => a - b)
          .filter((value, i, all) => value !== all[i - 1]);
        const points = performanceProfile(table, ascending, { resamples: 50 });
        points.forEach(({ threshold, fraction, interval }, k) => {
          const runs = table.flat();
          expect(fraction).toBe(runs.filter((score) => score > threshold).length / runs.length);
          const next = points[Math.min(k + 1, points.length - 1)];
          expect(next.interval.lower).toBeLessThanOrEqual(interval.lower);
          expect(next.interval.upper).toBeLessThanOrEqual(interval.upper);
        });
      }),
    );
  });

  it("refuses thresholds out of order and scores that are none", () => {
    for (const thresholds of [[0.5, 0.5], [0.5, 0.4], [Number.NaN]])
      expect(() => performanceProfile([[1]], thresholds)).toThrow("Thresholds ascend;");
    expect(() => performanceProfile([[Number.NaN]], [0])).toThrow("Setting 0 has the score NaN");
    expect(() => performanceProfile([], [0])).toThrow("There is nothing to draw from");
    expect(performanceProfile([[1]], [])).toEqual([]);
  });
});
