import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { holm } from "../../src/statistics/holm.js";
import { reference } from "./reference.js";

const probabilities = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 });

/** Holm's procedure as he states it: which hypotheses are rejected at a level. */
function rejected(p: readonly number[], level: number): boolean[] {
  const out = p.map(() => false);
  for (;;) {
    const left = p.map((_, i) => i).filter((i) => !out[i]);
    const smallest = left.reduce((best, i) => (p[i] < p[best] ? i : best), left[0]);
    if (left.length === 0 || p[smallest] * left.length > level) return out;
    out[smallest] = true;
  }
}

describe("holm", () => {
  it.each(reference.holm)("adjusts as statsmodels does: $p.length of them", ({ p, adjusted }) => {
    holm(p).forEach((value, i) => expect(value).toBeCloseTo(adjusted[i], 14));
  });

  it("adjusts by hand", () => {
    expect(holm([0.04, 0.01, 0.03])).toEqual([0.06, 0.03, 0.06]);
    expect(holm([])).toEqual([]);
    expect(holm([0.5, 0.9])).toEqual([1, 1]);
  });

  it("rejects what the procedure rejects, at every level", () => {
    fc.assert(
      fc.property(probabilities, fc.double({ min: 0, max: 0.999, noNaN: true }), (p, level) => {
        expect(holm(p).map((value) => value <= level)).toEqual(rejected(p, level));
      }),
    );
  });

  it("keeps order, never lowers, and goes with its p-values when they change places", () => {
    fc.assert(
      fc.property(probabilities, (p) => {
        const adjusted = holm(p);
        p.forEach((value, i) => {
          expect(adjusted[i]).toBeGreaterThanOrEqual(value);
          p.forEach((other, k) => expect(value < other && adjusted[i] > adjusted[k]).toBe(false));
        });
        expect(holm(p.toReversed())).toEqual(adjusted.toReversed());
      }),
    );
  });

  it("refuses what is no probability", () => {
    for (const wrong of [-0.1, 1.1, Number.NaN]) expect(() => holm([0.5, wrong])).toThrow(`not ${wrong}.`);
  });
});
