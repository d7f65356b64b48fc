import type { Vector } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import { createMemory, kernel, KernelVector, type Layout } from "../src/index.js";

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

/** Rows that a layer with these sizes has: weights, then biases. */
const rows = (count: number, columns: number): Layout => {
  const stride = Math.ceil(columns / 4) * 4;
  return { length: count * stride, blocks: [{ offset: 0, rows: count, columns, stride }] };
};

// Rows without padding, so that the canonical order is the kernel's; lengths that sixteen divides, and others.
describe.each([4, 8, 12, 16, 44, 100])("vectors of %i numbers a row", (columns) => {
  const memory = createMemory(kernel);
  const layout = rows(100, columns);
  const { length } = layout;
  const vectorOf = (values: Float32Array): Vector => {
    const vector = new KernelVector(memory, layout);
    vector.fromArray(values);
    return vector;
  };
  const [a, b, c] = [numbers(length, 0), numbers(length, 20), numbers(length, 36)];
  const t = f(0.3);
  const between = a.map((value, i) => f(b[i] + f(t * f(value - b[i]))));

  it.each<[string, (v: Vector, w: Vector, u: Vector) => void, (i: number) => number]>([
    ["add(w, t)", (v, w) => v.add(w, t), (i) => f(a[i] + f(t * b[i]))],
    ["addProduct(w, u, t)", (v, w, u) => v.addProduct(w, u, t), (i) => f(a[i] + f(t * f(b[i] * c[i])))],
    ["times(w)", (v, w) => v.times(w), (i) => f(a[i] * b[i])],
    ["times(t)", (v) => v.times(t), (i) => f(a[i] * t)],
    [
      "sqrt()",
      (v) => {
        v.map(Math.abs);
        v.sqrt();
      },
      (i) => f(Math.sqrt(Math.abs(a[i]))),
    ],
    ["lerp(w, t)", (v, w) => v.lerp(w, t), (i) => between[i]],
    ["lerpBoth(w, t)", (v, w) => v.lerpBoth(w, t), (i) => between[i]],
  ])("round every operation of %s", (_, apply, expected) => {
    const [v, w, u] = [a, b, c].map(vectorOf);
    apply(v, w, u);
    expect(v.toArray()).toEqual(Float32Array.from({ length }, (_, i) => expected(i)));
    expect(u.toArray()).toEqual(c);
  });

  it("are both where lerp ends after lerpBoth", () => {
    const [v, w] = [vectorOf(a), vectorOf(b)];
    v.lerpBoth(w, t);
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

describe("a vector that is confined to runs", () => {
  const memory = createMemory(kernel);
  const layout = rows(10, 12);
  const runs = [
    [48, 48],
    [192, 160],
  ];
  const inside = (i: number) => runs.some(([place, bytes]) => 4 * i >= place && 4 * i < place + bytes);
  const values = Float32Array.from({ length: 120 }, (_, i) => (inside(i) ? i - 60 : 0));
  const others = Float32Array.from({ length: 120 }, (_, i) => i / 8 + 1);
  const dense = (array: Float32Array): KernelVector => {
    const vector = new KernelVector(memory, layout);
    vector.fromArray(array);
    return vector;
  };
  const confined = (): KernelVector => {
    const vector = dense(values);
    vector.confine(16, (at) => {
      memory.words.set(runs.flat(), at / 4);
      return at + 16;
    });
    return vector;
  };

  it.each<[string, (v: KernelVector, w: KernelVector) => void]>([
    ["v.add(w)", (v, w) => v.add(w)],
    ["w.add(v, -2)", (v, w) => w.add(v, -2)],
    ["w.addProduct(v, w)", (v, w) => w.addProduct(v, w)],
    ["w.addProduct(w, v, 3)", (v, w) => w.addProduct(w, v, 3)],
    ["v.addProduct(v, v)", (v) => v.addProduct(v, v)],
    ["v.times(-2)", (v, w) => (v.times(-2), w.add(v))],
    ["v.times(Infinity)", (v, w) => (v.times(Infinity), w.add(v))],
    ["v.times(w)", (v, w) => v.times(w)],
    ["v.swap(w)", (v, w) => (v.swap(w), v.add(w), w.add(v))],
    ["v.set(w)", (v, w) => v.set(w)],
    ["v.lerp(w, 0.5)", (v, w) => v.lerp(w, 0.5)],
    ["v.lerpBoth(w, 0.5)", (v, w) => v.lerpBoth(w, 0.5)],
    ["w.lerpBoth(v, 0.5)", (v, w) => w.lerpBoth(v, 0.5)],
    ["v.map(f)", (v) => v.map((x) => x + 1)],
    ["v.fromArray(a)", (v) => v.fromArray(others)],
    ["v.clear()", (v) => v.clear()],
    ["what is written to v.address", (v) => memory.floats.fill(7, v.address / 4, v.address / 4 + 120)],
  ])("takes part in %s as any other, and again in what follows", (_, apply) => {
    const [v, w, x, y] = [confined(), dense(others), dense(values), dense(others)];
    apply(v, w);
    apply(x, y);
    expect([v.toArray(), w.toArray()]).toEqual([x.toArray(), y.toArray()]);
    expect([v.dot(w), w.dot(v), v.dot(v)]).toEqual([x.dot(y), y.dot(x), x.dot(x)]);
    w.add(v, 0.5);
    y.add(x, 0.5);
    v.clear();
    x.map(() => 0);
    expect([v.toArray(), w.toArray()]).toEqual([x.toArray(), y.toArray()]);
  });
});

describe("vectors whose rows are padded", () => {
  // Two blocks, as layers of 5 → 3 → 2 have them; the second's rows lie further apart than they must.
  const layout: Layout = {
    length: 6 * 4 + 4 * 8,
    blocks: [
      { offset: 0, rows: 6, columns: 3, stride: 4 },
      { offset: 24, rows: 4, columns: 2, stride: 8 },
    ],
  };
  const memory = createMemory(kernel);
  const vectorOf = (value: (i: number) => number): KernelVector => {
    const vector = new KernelVector(memory, layout);
    vector.fromArray(Float32Array.from({ length: 26 }, (_, i) => value(i)));
    return vector;
  };

  it("tell their numbers in the canonical order, and keep zeros between them", () => {
    const vector = vectorOf((i) => i + 1);
    expect([...vector.toArray()]).toEqual(Array.from({ length: 26 }, (_, i) => i + 1));
    const held = [...memory.floats.subarray(vector.address / 4, vector.address / 4 + layout.length)];
    expect(held.slice(0, 8)).toEqual([1, 2, 3, 0, 4, 5, 6, 0]);
    expect(held.slice(24, 36)).toEqual([19, 20, 0, 0, 0, 0, 0, 0, 21, 22, 0, 0]);
    expect(vector.dot(vector)).toBe((26 * 27 * 53) / 6);
  });

  it("leave a zero divided by zero alone, the padding too", () => {
    const quotient = vectorOf((i) => (i % 4 === 1 ? 0 : i));
    quotient.divide(vectorOf((i) => (i % 4) - 1));
    expect([...quotient.toArray()]).toEqual(
      Array.from({ length: 26 }, (_, i) => (i % 4 === 1 || i === 0 ? 0 : f(i / ((i % 4) - 1)))),
    );
    expect(Number.isFinite(quotient.dot(quotient))).toBe(true);
  });

  it("change hands and are cleared", () => {
    const [a, b] = [vectorOf((i) => i), vectorOf((i) => -i)];
    const { address } = a;
    a.swap(b);
    expect(b.address).toBe(address);
    expect([a.toArray()[9], b.toArray()[9]]).toEqual([-9, 9]);
    b.set(a);
    a.clear();
    expect([a.toArray()[9], b.toArray()[9]]).toEqual([0, -9]);
  });

  it("refuse another number of values, and vectors of another memory", () => {
    const vector = vectorOf((i) => i);
    expect(() => vector.fromArray(new Float32Array(25))).toThrow("26 parameters cannot take 25 values");
    const stranger = new KernelVector(createMemory(kernel), layout);
    expect(() => vector.set(stranger)).toThrow("another network");
    expect(() => stranger.swap(vector)).toThrow("another network");
  });

  it("keep their numbers where the memory grows", () => {
    const vector = vectorOf((i) => i);
    for (let i = 0; i < 3000; i++) expect(new KernelVector(memory, layout).dot(vector)).toBe(0);
    const last = new KernelVector(memory, layout);
    last.set(vector);
    expect(last.toArray()).toEqual(vector.toArray());
    expect([...vector.toArray()]).toEqual(Array.from({ length: 26 }, (_, i) => i));
  });
});
