import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aggregateIqm, iqm } from "../../src/statistics/iqm.js";
import { reference } from "./reference.js";

const { scores, iqm: found, interval } = reference.bootstrap;

describe("iqm", () => {
  it.each(reference.iqm)("is the trimmed mean of SciPy for $values.length values", ({ values, iqm: expected }) => {
    expect(iqm(values)).toBeCloseTo(expected, 14);
  });

  it("weighs by parts", () => {
    expect(iqm([3])).toBe(3);
    expect(iqm([9, 1, 2, 3])).toBe(2.5);
    // Of 6 values the middle 3: half of the second and of the fifth, all of the third and fourth.
    expect(iqm([0, 1, 2, 4, 9, 100])).toBe((0.5 + 2 + 4 + 4.5) / 3);
    expect(iqm([0.1, 0.1, 0.1])).toBe(0.1);
  });

  it("lies between the extremes, and does not see how far outliers lie", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 4 }), (values) => {
        const sorted = values.toSorted((a, b) => a - b);
        expect(iqm(values)).toBeGreaterThanOrEqual(sorted[0]);
        expect(iqm(values)).toBeLessThanOrEqual(sorted[sorted.length - 1]);
        expect(iqm([...sorted.slice(0, -1), 1e6])).toBe(iqm(values));
      }),
    );
  });

  it("refuses nothing and what is no number", () => {
    for (const wrong of [[], [1, Number.NaN], [Infinity, 1]])
      expect(() => iqm(wrong)).toThrow("one or more finite numbers");
  });
});

describe("aggregateIqm", () => {
  it("finds rliable's IQM and, to the noise of 2000 resamples, its interval", () => {
    const ours = aggregateIqm(scores);
    const width = interval[1] - interval[0];
    expect(ours.iqm).toBeCloseTo(found, 14);
    expect(Math.abs(ours.interval.lower - interval[0])).toBeLessThan(0.06 * width);
    expect(Math.abs(ours.interval.upper - interval[1])).toBeLessThan(0.06 * width);
    const finer = aggregateIqm(scores, { resamples: 50_000 }).interval;
    expect(Math.abs(finer.lower - interval[0])).toBeLessThan(0.015 * width);
    expect(Math.abs(finer.upper - interval[1])).toBeLessThan(0.015 * width);
  });

  it("gives the same bits each time", () => {
    expect(aggregateIqm(scores)).toEqual(aggregateIqm(structuredClone(scores)));
    expect(aggregateIqm(scores, { seed: 1 }).interval).not.toEqual(aggregateIqm(scores).interval);
  });
});
