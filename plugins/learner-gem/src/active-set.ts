import { type Rotation, rotate, rotationOf } from "./givens.js";

/** A direction for x, and what it does to the active bounds' multipliers. */
export interface Direction {
  /** The direction in J's columns. */
  readonly e: Float64Array;
  /** The step of x per unit of length. */
  readonly z: Float64Array;
  /** What each multiplier loses per unit of length. */
  readonly r: Float64Array;
}

/** The bounds that hold with equality, with their multipliers, as the dual method of Goldfarb & Idnani 1983 keeps them. */
export class ActiveSet {
  /** The active bounds in the order in which they became active. */
  readonly bounds: number[] = [];
  readonly #n: number;
  /** Row by row; its first columns span the directions that the active bounds forbid, the others those that are free. */
  readonly #J: Float64Array;
  /** The active bounds' directions in J's first columns: a triangle, column by column. */
  readonly #R: Float64Array;
  /** The active bounds' multipliers, and that of the bound that is about to become active. */
  readonly #u: Float64Array;

  /** @param J U⁻¹ of D = UᵀU, n × n, row by row; it is overwritten. */
  constructor(J: Float64Array, n: number) {
    this.#n = n;
    this.#J = J;
    this.#R = new Float64Array(n * n);
    this.#u = new Float64Array(n + 1);
  }

  /** The direction towards a bound in which the active bounds go on holding. */
  towards(bound: number): Direction {
    const n = this.#n;
    const m = this.bounds.length;
    const e = this.#J.slice(bound * n, (bound + 1) * n);
    const z = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let j = m; j < n; j++) sum += this.#J[i * n + j] * e[j];
      z[i] = sum;
    }
    const r = new Float64Array(m);
    for (let i = m - 1; i >= 0; i--) {
      let sum = e[i];
      for (let j = i + 1; j < m; j++) sum -= this.#R[j * n + i] * r[j];
      r[i] = sum / this.#R[i * n + i];
    }
    return { e, z, r };
  }

  /** Which active bound's multiplier is the first to become 0, and after what length; `at` is −1 where none does. */
  blocking({ r }: Direction): { at: number; length: number } {
    const u = this.#u;
    let at = -1;
    for (let i = 0; i < r.length; i++) if (r[i] > 0 && (at < 0 || u[i] / r[i] < u[at] / r[at])) at = i;
    return { at, length: at < 0 ? Infinity : u[at] / r[at] };
  }

  /** Changes the multipliers by a step of some length. */
  step({ r }: Direction, length: number): void {
    for (let i = 0; i < r.length; i++) this.#u[i] -= length * r[i];
    this.#u[r.length] += length;
  }

  /** Makes a bound active that the step has reached. The direction's `e` is overwritten. */
  add(bound: number, { e }: Direction): void {
    const n = this.#n;
    const m = this.bounds.length;
    const rotations: [at: number, Rotation][] = [];
    for (let i = n - 1; i > m; i--) {
      const rotation = rotationOf(e[i - 1], e[i]);
      if (!rotation) continue;
      e[i - 1] = rotation.length;
      rotations.push([i, rotation]);
    }
    for (let row = 0; row < n; row++)
      for (const [i, rotation] of rotations) rotate(this.#J, row * n + i - 1, row * n + i, rotation);
    this.#R.set(e.subarray(0, m + 1), m * n);
    this.bounds.push(bound);
  }

  /** Drops the active bound at a place of `bounds`. */
  drop(at: number): void {
    const n = this.#n;
    const R = this.#R;
    const m = this.bounds.length;
    for (let i = at; i < m - 1; i++) {
      const rotation = rotationOf(R[(i + 1) * n + i], R[(i + 1) * n + i + 1]);
      if (rotation) {
        for (let j = i + 1; j < m; j++) rotate(R, j * n + i, j * n + i + 1, rotation);
        for (let row = 0; row < n; row++) rotate(this.#J, row * n + i, row * n + i + 1, rotation);
      }
      R.copyWithin(i * n, (i + 1) * n, (i + 1) * n + i + 1);
    }
    this.#u.copyWithin(at, at + 1, m + 1);
    this.#u[m] = 0;
    this.bounds.splice(at, 1);
  }
}
