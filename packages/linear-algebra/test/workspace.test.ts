import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import {
  createRowQueue,
  createWorkspace,
  type DenseMatrix,
  productsWith,
  setUpper,
  setValues,
  upperOf,
  valuesOf,
  type Workspace,
} from "../src/index.js";

const draw = random(0);
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** A matrix of numbers between −1 and 1. */
function drawn(workspace: Workspace, rows: number, columns: number): DenseMatrix {
  const matrix = workspace.matrix(rows, columns);
  for (const i of range(rows)) for (const j of range(columns)) matrix.row(i)[j] = 2 * draw.uniform() - 1;
  return matrix;
}

const rowsOf = (matrix: DenseMatrix): number[][] => range(matrix.rows).map((i) => [...matrix.row(i)]);
const upper = (rows: number[][]): number[][] => rows.map((row, i) => row.slice(i));

/** C + AᵀB by three loops. */
function product(c: number[][], a: number[][], b: number[][]): number[][] {
  return c.map((row, i) => row.map((own, j) => range(b.length).reduce((sum, e) => sum + a[e][i] * b[e][j], own)));
}

/** Cholesky's decomposition by three loops, on and right of the diagonal. */
function factor(a: number[][]): number[][] {
  const u = a.map((row) => [...row]);
  for (const k of range(u.length)) {
    const root = Math.sqrt(u[k][k]);
    for (let j = k; j < u.length; j++) u[k][j] /= root;
    for (let i = k + 1; i < u.length; i++) for (let j = i; j < u.length; j++) u[i][j] -= u[k][i] * u[k][j];
  }
  return upper(u);
}

const sizes = [
  [1, 1, 1],
  [3, 5, 7],
  [4, 8, 128],
  [9, 6, 129],
  [130, 3, 300],
] as const;

describe("a workspace", () => {
  it.each(sizes)("adds products to %i × %i numbers over %i, to the bits of three loops", (m, n, depth) => {
    const workspace = createWorkspace();
    const [a, b, c] = [drawn(workspace, depth, m), drawn(workspace, depth, n), drawn(workspace, m, n)];
    const expected = product(rowsOf(c), rowsOf(a), rowsOf(b));
    workspace.addTransposed(c, a, b);
    expect(rowsOf(c)).toEqual(expected);
    const transposed = workspace.matrix(m, depth);
    for (const i of range(m)) for (const e of range(depth)) transposed.row(i)[e] = a.row(e)[i];
    workspace.addProduct(c, transposed, b);
    expect(rowsOf(c)).toEqual(product(expected, rowsOf(a), rowsOf(b)));
  });

  it("adds the first rows only, however many there are", () => {
    const workspace = createWorkspace();
    const [a, b, c] = [drawn(workspace, 200, 6), drawn(workspace, 200, 5), drawn(workspace, 6, 5)];
    const expected = product(rowsOf(c), rowsOf(a).slice(0, 131), rowsOf(b).slice(0, 131));
    workspace.addTransposed(c, a, b, { rows: 131 });
    expect(rowsOf(c)).toEqual(expected);
  });

  it("gives the same bits whether rows come one by one or all together", () => {
    const workspace = createWorkspace();
    const [a, together, apart, one] = [
      drawn(workspace, 150, 9),
      workspace.matrix(9, 9),
      workspace.matrix(9, 9),
      workspace.matrix(1, 9),
    ];
    workspace.addGram(together, a);
    for (const i of range(150)) {
      one.row(0).set(a.row(i));
      workspace.addGram(apart, one);
    }
    expect(upperOf(apart)).toEqual(upperOf(together));
    expect([...upperOf(together)]).toEqual(
      upper(
        product(
          range(9).map(() => range(9).map(() => 0)),
          rowsOf(a),
          rowsOf(a),
        ),
      ).flat(),
    );
  });

  it.each([1, 2, 3, 64, 127, 128, 130, 261])("factors %i × %i numbers, to the bits of three loops, and solves", (n) => {
    const workspace = createWorkspace();
    const [a, g] = [drawn(workspace, n + 3, n), workspace.matrix(n, n)];
    for (const i of range(n)) g.row(i)[i] = 0.5;
    workspace.addGram(g, a);
    const symmetric = rowsOf(g).map((row, i, all) => row.map((own, j) => (j < i ? all[j][i] : own)));
    const u = workspace.matrix(n, n);
    setUpper(u, upperOf(g));
    expect(workspace.factor(u)).toBe(true);
    expect(upper(rowsOf(u))).toEqual(factor(symmetric));
    const wanted = drawn(workspace, n, 3);
    const x = workspace.matrix(n, 3);
    for (const i of range(n))
      for (const j of range(3)) x.row(i)[j] = range(n).reduce((sum, k) => sum + symmetric[i][k] * wanted.row(k)[j], 0);
    workspace.solve(u, x);
    for (const i of range(n))
      for (const j of range(3)) expect(Math.abs(x.row(i)[j] - wanted.row(i)[j])).toBeLessThan(1e-9);
  });

  it("solves for what a square of a distance is made of", () => {
    const workspace = createWorkspace();
    const [a, g] = [drawn(workspace, 140, 133), workspace.matrix(133, 133)];
    for (const i of range(133)) g.row(i)[i] = 1;
    workspace.addGram(g, a);
    workspace.factor(g);
    const [x, solved] = [drawn(workspace, 133, 2), workspace.matrix(133, 2)];
    setValues(solved, valuesOf(x));
    workspace.solve(g, solved);
    const quadratic = range(2).map((j) => range(133).reduce((sum, i) => sum + x.row(i)[j] * solved.row(i)[j], 0));
    workspace.solveTransposed(g, x);
    for (const j of range(2))
      expect(range(133).reduce((sum, i) => sum + x.row(i)[j] ** 2, 0)).toBeCloseTo(quadratic[j], 10);
  });

  it.each([
    ["a negative pivot", [1, 2, 1]],
    ["a pivot of zero", [1, 1, 1]],
    ["no number", [1, Number.NaN, 1]],
    ["infinity", [Infinity, 0, 1]],
  ])("says that a matrix with %s is not positive definite", (_, [a, b, c]) => {
    const workspace = createWorkspace();
    const u = workspace.matrix(2, 2);
    setUpper(u, Float64Array.of(a, b, c));
    expect(workspace.factor(u)).toBe(false);
  });

  it("keeps matrices as lists of numbers", () => {
    const workspace = createWorkspace();
    const a = drawn(workspace, 5, 3);
    const b = workspace.matrix(5, 3);
    setValues(b, valuesOf(a));
    expect(rowsOf(b)).toEqual(rowsOf(a));
    b.clear();
    expect(valuesOf(b)).toEqual(new Float64Array(15));
    expect(() => a.row(5)).toThrow(/There is no row 5 of 5/);
  });

  it("multiplies rows of any number by a matrix", () => {
    const workspace = createWorkspace();
    const w = drawn(workspace, 6, 3);
    const products = productsWith(workspace, w);
    for (const n of [0, 1, 5, 128, 300]) {
      const rows = range(n).map(() => range(6).map(() => draw.uniform()));
      const found = products(Float64Array.from(rows.flat()));
      const expected = rows.flatMap((row) => range(3).map((c) => row.reduce((sum, x, i) => sum + x * w.row(i)[c], 0)));
      expect([...found]).toEqual(expected);
    }
  });

  it("lets rows wait until they are enough", () => {
    const workspace = createWorkspace();
    const taken: number[][] = [];
    const queue = createRowQueue(
      workspace,
      [1, 2],
      ([a, b], rows) => taken.push([...range(rows).flatMap((i) => [...a.row(i), ...b.row(i)])]),
      2,
    );
    queue.push([1], [2, 3]);
    expect(taken).toEqual([]);
    queue.push([4], [5, 6]);
    queue.push([7], [8, 9]);
    expect(taken).toEqual([[1, 2, 3, 4, 5, 6]]);
    queue.flush();
    queue.flush();
    expect(taken.slice(1)).toEqual([[7, 8, 9]]);
  });

  it("refuses what it has no room for", () => {
    expect(() => createWorkspace().matrix(40_000, 20_000)).toThrow(
      /There is no room for a matrix of 40000 × 20000 numbers, 6104 MiB; use fewer features, projections or classes\./,
    );
  });
});
