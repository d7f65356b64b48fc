import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import { minimum, optimal, QuadraticProgramError } from "../src/quadratic-program.js";
import { best } from "./active-sets.js";

const draws = random(5);
const draw = (n: number) => Array.from({ length: n }, () => 2 * draws.uniform() - 1);
const product = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * b[i], 0);

/** P = GGᵀ + ridge · I and q = Gg of n random gradients that share a direction. */
function program(n: number, size: number, ridge: number): { P: number[][]; q: number[] } {
  const shared = draw(size);
  const G = Array.from({ length: n }, () => draw(size).map((value, i) => value + shared[i]));
  const g = draw(size).map((value, i) => value - shared[i]);
  const P = G.map((a, i) => G.map((b, j) => product(a, b) + (i === j ? ridge : 0)));
  return { P, q: G.map((a) => product(a, g)) };
}

describe("GEM's quadratic program", () => {
  it.each([1, 2, 3, 4, 5])("has the solution that trying all active sets finds, for %i tasks", (n) => {
    let [free, fixed] = [0, 0];
    for (const margin of [0, 0.1, 1])
      for (let i = 0; i < 60; i++) {
        const { P, q } = program(n, 6, 0.001);
        const v = minimum(Float64Array.from(P.flat()), q, margin);
        const expected = best(P, q, margin);
        v.forEach((value, k) => expect(value).toBeCloseTo(expected[k], 9));
        expect(Math.min(...v)).toBeGreaterThanOrEqual(margin);
        for (const value of expected)
          if (value > margin) free++;
          else fixed++;
      }
    expect(Math.min(free, fixed)).toBeGreaterThan(10);
  });

  it.each([1e-20, 1, 1e6])("is solved where gradients' lengths lie far apart, the batch's being about %d", (length) => {
    for (let i = 0; i < 100; i++) {
      const { P, q } = program(4, 6, 0);
      const scales = draw(4).map((value) => 10 ** Math.round(8 * value));
      const expected = best(P, q, 0); // where gradients are longer, v is smaller
      const v = minimum(
        Float64Array.from(P.flatMap((row, a) => row.map((value, b) => value * scales[a] * scales[b]))),
        q.map((value, a) => value * scales[a] * length),
        0,
      );
      v.forEach((value, k) => expect((value * scales[k]) / length).toBeCloseTo(expected[k], 7));
    }
  });

  it("is solved with a margin that is large beside the gradients", () => {
    const v = minimum(Float64Array.of(4e-12, 1e-12, 1e-12, 4e-12), [-1e-18, 1e-18], 1);
    expect(v).toEqual([1, 1]);
  });

  it("is solved for a hundred tasks", () => {
    const { P, q } = program(100, 150, 0.001);
    const v = minimum(Float64Array.from(P.flat()), q, 0);
    const w = P.map((row, i) => q[i] + product(row, v));
    expect(Math.min(...w)).toBeGreaterThan(-1e-8);
    expect(Math.min(...v)).toBeGreaterThan(-1e-8);
    expect(Math.abs(product(v, w))).toBeLessThan(1e-6);
    expect(v.filter((value) => value > 0.01).length).toBeGreaterThan(2);
  });

  it.each([
    { what: "zero", P: [0], q: [-1], so: "1 past task has a matrix that is not positive definite" },
    { what: "negative", P: [-1], q: [-1], so: "1 past task has a matrix that is not positive definite" },
    { what: "NaN", P: [Number.NaN], q: [-1], so: "1 past task was not solved" },
    { what: "infinite", P: [Infinity], q: [-1], so: "1 past task was not solved" },
    { what: "of two equal rows", P: [4, 4, 4, 4], q: [-1, -1], so: "2 past tasks has a matrix that is not" },
    { what: "of a task without gradient", P: [4, 0, 0, 0], q: [-1, 0], so: "2 past tasks has a matrix that is not" },
  ])("is reported where its matrix is $what", ({ P, q, so }) => {
    expect(() => minimum(Float64Array.from(P), q, 0)).toThrow(QuadraticProgramError);
    expect(() => minimum(Float64Array.from(P), q, 0)).toThrow(new RegExp(`over ${so}.* Use a larger ridge\\.$`));
  });

  it.each([
    { v: 2, q: -4, is: true },
    { v: 1, q: 3, is: true }, // held by the margin
    { v: 1, q: -4, is: false }, // more v would be better
    { v: 3, q: -4, is: false }, // less would be
    { v: 0, q: 0, is: false }, // less than the margin
    { v: Number.NaN, q: -4, is: false },
    { v: 1, q: Number.NaN, is: false },
  ])("knows that v = $v of P = 2, q = $q and margin 1 is optimal: $is", ({ v, q, is }) => {
    expect(optimal([v], Float64Array.of(2), [q], [1])).toBe(is);
  });

  it("is solved or reported where gradients are equal but for rounding: never solved wrongly", () => {
    let [solved, reported] = [0, 0];
    for (let i = 0; i < 600; i++) {
      const { P, q } = program(2, 6, 0);
      const order = [0, 1, 0, 1, 0].slice(0, 2 + (i % 4));
      const twice = order.map((a) => order.map((b) => P[a][b] * (a === b ? 1 + (i % 3) * 1e-16 : 1)));
      const margin = i % 2;
      try {
        const v = minimum(
          Float64Array.from(twice.flat()),
          order.map((a) => q[a]),
          margin,
        );
        // The sum of equal gradients' v is what counts; each may take any part of it.
        const sums = [0, 1].map((a) => v.reduce((sum, value, k) => sum + (order[k] === a ? value : 0), 0));
        const w = P.map((row, a) => q[a] + product(row, sums));
        w.forEach((value, a) => {
          expect(value).toBeGreaterThan(-1e-4);
          const least = margin * order.filter((one) => one === a).length;
          expect(sums[a]).toBeGreaterThan(least - 1e-4);
          expect(Math.abs(value * (sums[a] - least))).toBeLessThan(1e-4);
        });
        solved++;
      } catch (error) {
        if (!(error instanceof QuadraticProgramError)) throw error;
        reported++;
      }
    }
    expect(Math.min(solved, reported)).toBeGreaterThan(50);
  });
});
