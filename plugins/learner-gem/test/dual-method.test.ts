import { random } from "@everlearn/random";
import { solveQP } from "quadprog";
import { describe, expect, it } from "vitest";
import { dualMethod } from "../src/dual-method.js";

const draws = random(6);
const draw = (n: number) => Array.from({ length: n }, () => 2 * draws.uniform() - 1);

/** The general solver's x, with the matrix of constraints spelled out; its message where it has none. */
function general(D: Float64Array, d: readonly number[], least: readonly number[]): number[] | string {
  const n = d.length;
  const matrix = (value: (i: number, j: number) => number) => [
    [],
    ...d.map((_, i) => [0, ...d.map((_, j) => value(i, j))]),
  ];
  const { solution, message } = solveQP(
    matrix((i, j) => D[i * n + j]),
    [0, ...d.map((value) => -value)],
    matrix((i, j) => (i === j ? 1 : 0)),
    [0, ...least],
  );
  return message || solution.slice(1);
}

/** GGᵀ of n vectors of `size` numbers, of which `twice` are there twice. */
function products(n: number, size: number, twice: number): Float64Array {
  const shared = draw(size);
  const G = Array.from({ length: n }, () => draw(size).map((value, i) => value + shared[i]));
  for (let i = 1; i <= twice; i++) G[(2 * i) % n] = G[(2 * i - 1) % n].slice();
  const product = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * b[i], 0);
  return Float64Array.from(G.flatMap((a) => G.map((b) => product(a, b))));
}

describe("the dual method", () => {
  it("gives the numbers of quadprog bit for bit: few bounds active, most, all that can be, and solved or refused alike", () => {
    let [inside, bound, refused] = [0, 0, 0];
    for (let round = 0; round < 400; round++) {
      const n = 1 + (round % 30);
      const D = products(n, n + (round % 7), round % 5 === 4 ? 2 : 0);
      const d = draw(n).map((value) => value - (round % 3) / 2);
      const least = draw(n).map((value) => [0, 0.1, value][round % 3]);
      const expected = general(D, d, least);
      const x = dualMethod(D, d, least);
      if (typeof expected === "string") {
        expect(x).toBeUndefined();
        refused++;
      } else {
        expect(x?.map((value) => value + 0)).toEqual(Float64Array.from(expected, (value) => value + 0)); // −0 is 0
        expected.forEach((value, i) => (value > least[i] + 1e-12 ? inside++ : bound++));
      }
    }
    expect(Math.min(inside, bound)).toBeGreaterThan(500);
    expect(refused).toBeGreaterThan(20);
  });

  it.each([100, 101])("gives them for %i tasks", (n) => {
    const [D, d, least] = [products(n, 3 * n, 0), draw(n), new Array<number>(n).fill(0.01)];
    expect(dualMethod(D, d, least)).toEqual(Float64Array.from(general(D, d, least) as number[]));
  });
});
