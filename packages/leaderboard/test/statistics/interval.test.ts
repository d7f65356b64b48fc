import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { meanInterval } from "../../src/statistics/interval.js";
import { mean, standardDeviation } from "../../src/statistics/mean.js";
import { student } from "../../src/statistics/student.js";
import { normal } from "./normal.js";
import { reference } from "./reference.js";

const values = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 });

describe("mean and standardDeviation", () => {
  it.each(reference.estimates)("are NumPy's for $values.length values", ({ values, mean: centre, deviation }) => {
    expect(mean(values)).toBeCloseTo(centre, 14);
    expect(standardDeviation(values)).toBeCloseTo(deviation, 14);
  });

  it("are those worked out by hand", () => {
    expect(mean([2, 4, 4, 4, 5, 5, 7, 9])).toBe(5);
    expect(standardDeviation([2, 4, 4, 4, 5, 5, 7, 9])).toBe(Math.sqrt(32 / 7));
    expect(mean([0.1, 0.1, 0.1])).toBe(0.1);
    expect(standardDeviation([0.1, 0.1, 0.1])).toBe(0);
    expect(standardDeviation([0.3])).toBeNull();
  });

  it("do not depend on the order, to the bit", () => {
    fc.assert(
      fc.property(values, fc.infiniteStream(fc.nat()), (values, places) => {
        const shuffled = values
          .map((value) => ({ value, place: places.next().value as number }))
          .sort((a, b) => a.place - b.place)
          .map(({ value }) => value);
        expect([mean(shuffled), standardDeviation(shuffled)]).toEqual([mean(values), standardDeviation(values)]);
      }),
    );
  });

  it("refuse nothing and what is no number", () => {
    expect(() => mean([])).toThrow("There is no mean of no values");
    for (const wrong of [Number.NaN, Infinity]) {
      expect(() => mean([1, wrong])).toThrow(`not ${wrong}; give a run that diverged the score of guessing`);
      expect(() => standardDeviation([1, wrong])).toThrow(RangeError);
      expect(() => meanInterval([wrong])).toThrow(RangeError);
    }
  });
});

describe("student", () => {
  it("gives mpmath's critical values to 1e-12", () => {
    for (const [df, alpha, t] of reference.student)
      expect(Math.abs(student(df).critical(alpha) / t - 1), `df ${df}, alpha ${alpha}`).toBeLessThan(1e-12);
  });

  it("is inverse to its tail for every number of degrees of freedom to 10,000, whose critical values descend", () => {
    let last = Infinity;
    for (let df = 1; df <= 10_000; df += df < 300 ? 1 : 97) {
      const { tail, critical } = student(df);
      const t = critical(0.05);
      expect(Math.abs(tail(t) / 0.05 - 1)).toBeLessThan(1e-11);
      expect(t).toBeLessThan(last);
      last = t;
    }
    expect(last).toBeGreaterThan(1.959963984540054);
  });

  it("has the closed forms of 1, 2 and 3 degrees of freedom", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e3, noNaN: true }), (t) => {
        const odd = Math.atan(Math.sqrt(3) / t) - (Math.sqrt(3) * t) / (3 + t * t);
        expect(student(1).tail(t)).toBeCloseTo((2 / Math.PI) * Math.atan(1 / t), 14);
        expect(student(2).tail(t)).toBeCloseTo(1 - t / Math.sqrt(2 + t * t), 14);
        expect(student(3).tail(t)).toBeCloseTo((2 / Math.PI) * odd, 14);
      }),
    );
    expect(student(5).tail(0)).toBe(1);
  });

  it("refuses what is no number of degrees of freedom and no probability", () => {
    for (const df of [0, -1, 1.5, Number.NaN, Infinity]) expect(() => student(df)).toThrow(`not ${df};`);
    for (const alpha of [0, 1, Number.NaN]) expect(() => student(3).critical(alpha)).toThrow(`not ${alpha}.`);
  });
});

describe("meanInterval", () => {
  it.each(reference.estimates)("is SciPy's for $values.length values", ({ values, interval: [lower, upper] }) => {
    expect(meanInterval(values)?.lower).toBeCloseTo(lower, 13);
    expect(meanInterval(values)?.upper).toBeCloseTo(upper, 13);
  });

  it("is the one of textbooks, and null for one value", () => {
    // Two values: t = 12.7062, s/√n = half their difference.
    const { lower, upper } = meanInterval([1, 3]) ?? { lower: 0, upper: 0 };
    expect([lower, upper]).toEqual([expect.closeTo(2 - 12.706204736, 8), expect.closeTo(2 + 12.706204736, 8)]);
    expect(meanInterval([0.5])).toBeNull();
    expect(meanInterval([0.7, 0.7, 0.7])).toEqual({ lower: 0.7, upper: 0.7 });
  });

  it.each([2, 5, 10])("holds the mean of %i normal values 95 times of 100", (n) => {
    const draw = normal(n);
    const trials = 20_000;
    let held = 0;
    for (let i = 0; i < trials; i++) {
      const interval = meanInterval(Array.from({ length: n }, draw));
      if (interval && interval.lower <= 0 && interval.upper >= 0) held++;
    }
    // Four standard errors.
    expect(Math.abs(held / trials - 0.95)).toBeLessThan(4 * Math.sqrt((0.95 * 0.05) / trials));
  });
});
