/** As many float32 numbers as a network has parameters. They live where the network computes. */
export interface Vector {
  /** this ← v */
  set(v: Vector): void;
  /** this ↔ v. The numbers change hands and are not copied. */
  swap(v: Vector): void;
  /** this ← this + scale · v; `scale` is 1 by default. */
  add(v: Vector, scale?: number): void;
  /** this ← this + scale · (a ⊙ b); `scale` is 1 by default. */
  addProduct(a: Vector, b: Vector, scale?: number): void;
  /** this ← from + t · (this − from), computed in this form, as in papers' code: at t = 1 it is this only up to rounding. */
  lerp(from: Vector, t: number): void;
  /** this and v ← v + t · (this − v): `lerp`, then `v.set(this)`, which would take 1.38 times as long. */
  lerpBoth(v: Vector, t: number): void;
  /** this ← this ⊙ v (elementwise), or scale · this */
  times(v: Vector | number): void;
  /** this ← this ⊘ v (elementwise). Zeros stay zeros, even over zero. */
  divide(v: Vector): void;
  /** this ← √this, elementwise */
  sqrt(): void;
  /** this ← f(this), elementwise. It calls f for every number, so use it only now and then. */
  map(f: (value: number) => number): void;
  /** Σ this · v */
  dot(v: Vector): number;
  /** A copy in the network's canonical order, which does not depend on the layout in memory. */
  toArray(): Float32Array;
  /** Takes the values of an array in the canonical order. */
  fromArray(values: Float32Array): void;
}
