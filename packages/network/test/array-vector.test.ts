import type { Vector } from "@everlearn/contracts";
import { expect, it } from "vitest";
import { arrayVector } from "../src/index.js";

const of = (...values: number[]) => arrayVector(Float32Array.from(values));
const f = Math.fround;

/** What an operation makes of [1, −2, 0] beside [3, 0.1, 0]. */
const made = (apply: (v: Vector, w: Vector) => void): number[] => {
  const [v, w] = [of(1, -2, 0), of(3, 0.1, 0)];
  apply(v, w);
  expect([...w.toArray()]).toEqual([3, f(0.1), 0]);
  return [...v.toArray()];
};

it("computes element by element, rounding each result to float32", () => {
  const b = f(0.1);
  expect(made((v, w) => v.set(w))).toEqual([3, b, 0]);
  expect(made((v, w) => v.add(w))).toEqual([4, f(-2 + b), 0]);
  expect(made((v, w) => v.add(w, -0.3))).toEqual([f(1 - 0.3 * 3), f(-2 - 0.3 * b), 0]);
  expect(made((v, w) => v.addProduct(w, w))).toEqual([10, f(-2 + b * b), 0]);
  expect(made((v, w) => v.addProduct(v, w, -0.3))).toEqual([f(1 - 0.3 * 3), f(-2 + 0.3 * (2 * b)), 0]);
  expect(made((v, w) => v.lerp(w, 0.3))).toEqual([f(3 + 0.3 * (1 - 3)), f(b + 0.3 * (-2 - b)), 0]);
  expect(made((v, w) => v.times(w))).toEqual([3, f(-2 * b), 0]);
  expect(made((v) => v.times(0.1))).toEqual([f(0.1), f(-0.2), 0]);
  expect(made((v, w) => v.divide(w))).toEqual([f(1 / 3), f(-2 / b), 0]);
  expect(made((v) => v.map((x) => x * x + 0.1))).toEqual([f(1.1), f(4.1), f(0.1)]);
  const roots = of(2, 9, 0);
  roots.sqrt();
  expect([...roots.toArray()]).toEqual([f(Math.SQRT2), 3, 0]);
  expect(of(1, -2, 5).dot(of(3, 0.5, 2))).toBe(12);
});

it("gives both vectors what lerp makes of one, and swaps their numbers", () => {
  const [v, w, alone] = [of(1, -2), of(3, 0.1), of(1, -2)];
  alone.lerp(w, 0.3);
  v.lerpBoth(w, 0.3);
  expect([v.toArray(), w.toArray()]).toEqual([alone.toArray(), alone.toArray()]);
  const [a, b] = [of(1, 2), of(3, 4)];
  a.swap(b);
  expect([...a.toArray(), ...b.toArray()]).toEqual([3, 4, 1, 2]);
  a.add(b);
  expect([...b.toArray()]).toEqual([1, 2]);
});

it("shares the array that it is made of, and no other", () => {
  const values = Float32Array.of(1, 2);
  const vector = arrayVector(values);
  vector.times(2);
  expect([...values]).toEqual([2, 4]);
  values[0] = 7;
  expect(vector.toArray()).toEqual(Float32Array.of(7, 4));
  vector.toArray().fill(0);
  const given = Float32Array.of(5, 6);
  vector.fromArray(given);
  given.fill(0);
  vector.swap(of(8, 9));
  expect([...values]).toEqual([8, 9]);
});

it("refuses an array of another length, and vectors of other networks", () => {
  expect(() => of(1, 2).fromArray(Float32Array.of(1))).toThrow(
    new RangeError("A vector of 2 parameters cannot take 1 values."),
  );
  expect(() => of(1).add({ ...of(1) })).toThrow(TypeError);
});
