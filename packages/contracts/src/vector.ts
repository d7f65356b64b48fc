/** As many numbers as a network has parameters; they live where the network computes (float32). */
export interface Vector {
  /** this ← v */
  set(v: Vector): void;
  /** this ↔ v: each takes the other's numbers, which change hands instead of being copied. */
  swap(v: Vector): void;
  /** this ← this + scale · v; `scale` is 1 by default. */
  add(v: Vector, scale?: number): void;
  /** this ← this + scale · (a ⊙ b); `scale` is 1 by default. */
  addProduct(a: Vector, b: Vector, scale?: number): void;
  /** this ← from + t · (this − from), computed so: at t = 1 it is this up to rounding, as in the papers' code. */
  lerp(from: Vector, t: number): void;
  /** this and v ← v + t · (this − v): `lerp`, whose result is where the next begins. Apart, the two take 1.38 times as long. */
  lerpBoth(v: Vector, t: number): void;
  /** this ← this ⊙ v (elementwise), or scale · this */
  times(v: Vector | number): void;
  /** this ← this ⊘ v (elementwise); what is 0 stays 0, over 0 too. */
  divide(v: Vector): void;
  /** this ← √this, elementwise */
  sqrt(): void;
  /** this ← f(this), elementwise and one by one: for what is done now and then. */
  map(f: (value: number) => number): void;
  /** Σ this · v */
  dot(v: Vector): number;
  /** A copy in the network's canonical order, which does not depend on how it is laid out in memory. */
  toArray(): Float32Array;
  /** Takes the values of an array in the canonical order. */
  fromArray(values: Float32Array): void;
}
