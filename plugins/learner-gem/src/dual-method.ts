import { ActiveSet } from "./active-set.js";
import { cholesky, inverse, minimumOf } from "./cholesky.js";

/** What counts as 0 in a program without units: a little more than float64's relative error. */
const ZERO = 1e-60 * 2 ** 150;

/**
 * The x ≥ least (each element) that minimises ½xᵀDx + dᵀx, by the dual method of Goldfarb & Idnani 1983 for constraints
 * that are all bounds: from the unconstrained minimum on, the bound that is violated most becomes active, and others are
 * dropped. Its numbers are those of the authors' Fortran (R's quadprog), bit for bit; products with the zeros of a matrix
 * of constraints are left out, and all matrices are walked along their rows.
 * @param D symmetric, n × n, row by row
 * @param d n numbers
 * @returns undefined where D is not positive definite, up to rounding; numbers that are not finite where D has such.
 */
export function dualMethod(D: Float64Array, d: readonly number[], least: readonly number[]): Float64Array | undefined {
  const n = d.length;
  const U = cholesky(D, n);
  if (!U) return undefined;
  const x = minimumOf(U, d);
  const active = new ActiveSet(inverse(U, n), n);
  while (x.every(Number.isFinite)) {
    const bound = mostViolated(x, least, active.bounds);
    if (bound < 0) break;
    if (!reach(bound, x, least[bound], active)) return undefined;
  }
  return x;
}

/** The bound that is violated most, or −1. */
function mostViolated(x: Float64Array, least: readonly number[], active: readonly number[]): number {
  let [most, at] = [0, -1];
  for (let i = 0; i < x.length; i++) {
    const slack = x[i] - least[i];
    if (slack < most && Math.abs(slack) >= ZERO && !active.includes(i)) [most, at] = [slack, i];
  }
  return at;
}

/** Moves x until a violated bound is active, and drops the bounds that are in the way; false where that is impossible. */
function reach(bound: number, x: Float64Array, least: number, active: ActiveSet): boolean {
  for (;;) {
    const direction = active.towards(bound);
    const { z } = direction;
    const blocking = active.blocking(direction);
    if (z.reduce((sum, value) => sum + value * value, 0) <= ZERO) {
      if (blocking.at < 0) return false;
      active.step(direction, blocking.length);
    } else {
      const full = -(x[bound] - least) / z[bound];
      const isBlocked = blocking.length < full;
      const length = isBlocked ? blocking.length : full;
      for (let i = 0; i < x.length; i++) {
        x[i] += length * z[i];
        if (Math.abs(x[i]) < ZERO) x[i] = 0;
      }
      active.step(direction, length);
      if (!isBlocked) {
        active.add(bound, direction);
        return true;
      }
    }
    active.drop(blocking.at);
  }
}
