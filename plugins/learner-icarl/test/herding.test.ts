import { random } from "@everlearn/random";
import { expect, it } from "vitest";
import { distance, herding, mean, normalised } from "../src/herding.js";

const length = (vector: ArrayLike<number>) => Math.hypot(...Array.from(vector));

it("brings vectors to length 1 and leaves zeros", () => {
  const vectors = normalised(Float32Array.of(3, 4, 0, 0, -2, 0), 3);
  expect(vectors.map((vector) => [...vector])).toEqual([
    [0.6, 0.8],
    [0, 0],
    [-1, 0],
  ]);
  expect([...mean([Float64Array.of(0, 1), Float64Array.of(0, 1), Float64Array.of(4, 1)])]).toEqual([0.8, 0.6]);
  expect(normalised(new Float32Array(0), 0)).toEqual([]);
  expect(distance(Float64Array.of(1, 2), Float64Array.of(4, 6))).toBe(25);
});

it("chooses first what is nearest to the mean, then what makes up for it", () => {
  const circle = [-60, 80, 10, -5, 30].map((degrees) => (degrees * Math.PI) / 180);
  const vectors = circle.map((angle) => Float64Array.of(Math.cos(angle), Math.sin(angle)));
  const center = mean(vectors);
  // The mean's angle is about 11.6 degrees. 10 is nearest to it; together with 10, 30 makes 20 and -5 makes 2.5.
  expect((Math.atan2(center[1], center[0]) * 180) / Math.PI).toBeCloseTo(11.6, 0);
  expect(herding(vectors, 2)).toEqual([2, 4]);
  expect(herding(vectors, 9)).toHaveLength(5);
  expect(new Set(herding(vectors, 9)).size).toBe(5);
});

it("is the plain greedy search, and its beginning does not depend on how many are chosen", () => {
  const draw = random(1);
  const vectors = normalised(
    Float32Array.from({ length: 40 * 6 }, () => draw.uniform()),
    40,
  );
  const all = Array.from({ length: 6 }, (_, j) => vectors.reduce((sum, vector) => sum + vector[j], 0) / 40);
  const goal = all.map((value) => value / length(all));
  const expected: number[] = [];
  for (let k = 1; k <= 15; k++) {
    const apart = vectors.map((_, i) => {
      if (expected.includes(i)) return Infinity;
      const sum = goal.map((_, j) => [...expected, i].reduce((total, at) => total + vectors[at][j], 0) / k);
      return length(sum.map((value, j) => value / length(sum) - goal[j]));
    });
    expected.push(apart.indexOf(Math.min(...apart)));
  }
  expect(herding(vectors, 15)).toEqual(expected);
  expect(herding(vectors, 4)).toEqual(expected.slice(0, 4));
});

it("chooses among equals the first, and does without features", () => {
  const same = [1, 1, 1].map(() => Float64Array.of(0, 1));
  expect(herding(same, 2)).toEqual([0, 1]);
  expect(herding([Float64Array.of(0, 0), Float64Array.of(0, 0)], 2)).toEqual([0, 1]);
});
