// oxlint-disable-next-line typescript/triple-slash-reference -- found also where a test alone imports this file
/// <reference path="./quadprog.d.ts" />
import { solveQP } from "quadprog";

/** GEM's quadratic program had no solution that could be trusted. */
export class QuadraticProgramError extends Error {
  override name = "QuadraticProgramError";
  /** @param tasks the number of past tasks */
  constructor(tasks: number, what: string) {
    super(
      `GEM's quadratic program over ${tasks} past ${tasks === 1 ? "task" : "tasks"} ${what}: their gradients are zero or nearly linearly dependent. Use a larger ridge.`,
    );
  }
}

/** How far from optimal a solution may be, as a part of the terms of which it is made. */
const TOLERANCE = 1e-6;

/**
 * The v ≥ margin (each element) that minimises ½vᵀPv + qᵀv.
 * @param P symmetric, n × n, row by row
 * @param q n numbers
 * @throws QuadraticProgramError where P is not positive definite, or so nearly that the solution is none.
 */
export function minimum(P: Float64Array, q: readonly number[], margin: number): readonly number[] {
  const n = q.length;
  const matrix = (value: (i: number, j: number) => number) =>
    [0, ...q].map((_, i) => [0, ...q.map((_, j) => (i === 0 ? 0 : value(i - 1, j)))]);
  const { solution, message } = solveQP(
    matrix((i, j) => P[i * n + j]),
    [0, ...q.map((value) => -value)],
    matrix((i, j) => (i === j ? 1 : 0)),
    [0, ...q.map(() => margin)],
  );
  if (message !== "") throw new QuadraticProgramError(n, "has a matrix that is not positive definite");
  const v = solution.slice(1);
  if (!optimal(v, P, q, margin)) throw new QuadraticProgramError(n, "was not solved");
  return v;
}

/** Whether v ≥ margin, w = Pv + q ≥ 0 and (v − margin) · w = 0 (Karush, Kuhn and Tucker), all within the tolerance. */
export function optimal(v: readonly number[], P: Float64Array, q: readonly number[], margin: number): boolean {
  const n = q.length;
  let gap = 0;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    let w = q[i];
    let terms = Math.abs(q[i]);
    for (let j = 0; j < n; j++) {
      const term = P[i * n + j] * v[j];
      w += term;
      terms += Math.abs(term);
    }
    // Written so that NaN fails.
    if (!(w >= -TOLERANCE * terms && v[i] >= margin - TOLERANCE * (1 + margin))) return false;
    gap += (v[i] - margin) * w;
    sum += v[i] * terms;
  }
  return Math.abs(gap) <= TOLERANCE * sum;
}
