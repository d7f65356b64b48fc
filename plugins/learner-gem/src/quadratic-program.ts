import { dualMethod } from "./dual-method.js";

/** GEM's quadratic program has no solution that can be trusted. */
export class QuadraticProgramError extends Error {
  override name = "QuadraticProgramError";
  /** @param tasks the number of past tasks */
  constructor(tasks: number, what: string) {
    super(
      `GEM's quadratic program over ${tasks} past ${tasks === 1 ? "task" : "tasks"} ${what}: their gradients are zero or nearly linearly dependent. Use a larger ridge.`,
    );
  }
}

/** How far from optimal a solution may be, relative to the terms that it is computed from. */
const TOLERANCE = 1e-6;

/**
 * The v ≥ margin (each element) that minimises ½vᵀPv + qᵀv.
 * @param P symmetric, n × n, row by row
 * @param q n numbers
 * @throws QuadraticProgramError if P is not positive definite, or so close to singular that the solution is unusable.
 */
export function minimum(P: Float64Array, q: readonly number[], margin: number): readonly number[] {
  const n = q.length;
  // The solver treats 10⁻¹⁵ as 0, and gradients' lengths differ by powers of ten, so it solves for u = v ⊙ s / c, whose
  // program has no coefficient above 1.
  const s = q.map((_, i) => (P[i * n + i] > 0 ? Math.sqrt(P[i * n + i]) : 1));
  const c = Math.max(...q.map((value, i) => Math.abs(value / s[i]))) || 1;
  const D = P.map((value, at) => value / (s[Math.floor(at / n)] * s[at % n]));
  const d = q.map((value, i) => value / (s[i] * c));
  const least = s.map((scale) => (margin * scale) / c);
  const u = dualMethod(D, d, least);
  if (!u) throw new QuadraticProgramError(n, "has a matrix that is not positive definite");
  if (!optimal(u, D, d, least)) throw new QuadraticProgramError(n, "was not solved");
  return Array.from(u, (value, i) => Math.max((value * c) / s[i], margin));
}

/** Whether u ≥ least, w = Du + d ≥ 0 and (u − least) · w = 0 (Karush, Kuhn and Tucker), within the tolerance. */
export function optimal(
  u: ArrayLike<number>,
  D: Float64Array,
  d: readonly number[],
  least: readonly number[],
): boolean {
  const n = d.length;
  const largest = Math.max(...Array.from(u, Math.abs), ...least);
  let gap = 0;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    let w = d[i];
    let terms = Math.abs(d[i]);
    for (let j = 0; j < n; j++) {
      const term = D[i * n + j] * u[j];
      w += term;
      terms += Math.abs(term);
    }
    // Written so that NaN fails.
    if (!(w >= -TOLERANCE * terms && u[i] >= least[i] - TOLERANCE * largest)) return false;
    gap += (u[i] - least[i]) * w;
    sum += Math.abs(u[i]) * terms;
  }
  return Math.abs(gap) <= TOLERANCE * sum;
}
