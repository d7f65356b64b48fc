import type { Vector } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import { mlp } from "../src/index.js";

const f = Math.fround;
const draws = random(4);

/** Numbers of many sizes, of which the first of every `zeros` of forty, and one here and there, are zero. */
const numbers = (length: number, zeros: number): Float32Array =>
  Float32Array.from({ length }, (_, i) =>
    i % 40 < zeros || draws.integer(9) === 0 ? 0 : (2 * draws.uniform() - 1) * 10 ** (draws.integer(9) - 4),
  );

/** The inner product as the kernel rounds it: products 0, 1 and 2, 3 of every four summed apart, in float64. */
function dot(a: Float32Array, b: Float32Array): number {
  const sums = [0, 0, 0, 0];
  for (let i = 0; i < a.length; i++) sums[i % 4] += a[i] * b[i];
  return sums[0] + sums[2] + (sums[1] + sums[3]);
}

// Rows without padding, so that the canonical order is the kernel's; lengths that sixteen divides, and others.
describe.each([4, 8, 12, 16, 44, 100])("vectors of %i numbers a row", (outputs) => {
  const network = mlp({ hidden: [] }, { inputs: 99, outputs, random: random(1) });
  const { length } = network.theta.toArray();
  const vectorOf = (values: Float32Array): Vector => {
    const vector = network.vector();
    vector.fromArray(values);
    return vector;
  };
  const [a, b, c] = [numbers(length, 0), numbers(length, 20), numbers(length, 36)];
  const t = f(0.3);
  const between = a.map((value, i) => f(b[i] + f(t * f(value - b[i]))));

  it.each<[string, (v: Vector, w: Vector, u: Vector) => void, (i: number) => number]>([
    ["add(w, t)", (v, w) => v.add(w, t), (i) => f(a[i] + f(t * b[i]))],
    ["addProduct(w, u, t)", (v, w, u) => v.addProduct(w, u, t), (i) => f(a[i] + f(t * f(b[i] * c[i])))],
    ["lerp(w, t)", (v, w) => v.lerp(w, t), (i) => between[i]],
    ["meet(w, t)", (v, w) => v.meet(w, t), (i) => between[i]],
  ])("round every operation of %s", (_, apply, expected) => {
    const [v, w, u] = [a, b, c].map(vectorOf);
    apply(v, w, u);
    expect(v.toArray()).toEqual(Float32Array.from({ length }, (_, i) => expected(i)));
    expect(u.toArray()).toEqual(c);
  });

  it("meet where lerp ends, both of them", () => {
    const [v, w] = [vectorOf(a), vectorOf(b)];
    v.meet(w, t);
    expect(w.toArray()).toEqual(between);
  });

  it("have inner products that do not depend on which zeros are left out", () => {
    for (const [x, y] of [
      [a, b],
      [b, a],
      [b, c],
      [c, c],
      [a, a],
      [a, new Float32Array(length)],
    ])
      expect(vectorOf(x).dot(vectorOf(y))).toBe(dot(x, y));
  });
});
