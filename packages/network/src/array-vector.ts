import type { Vector } from "@everlearn/contracts";

class ArrayVector implements Vector {
  readonly #values: Float32Array;

  constructor(values: Float32Array) {
    this.#values = values;
  }

  static #of(v: Vector): Float32Array {
    if (v instanceof ArrayVector) return v.#values;
    throw new TypeError("An arrayVector can only be combined with another one, not with another network's vector.");
  }

  set(v: Vector): void {
    this.#values.set(ArrayVector.#of(v));
  }

  swap(v: Vector): void {
    const own = this.#values.slice();
    this.set(v);
    ArrayVector.#of(v).set(own);
  }

  add(v: Vector, scale = 1): void {
    const [a, b] = [this.#values, ArrayVector.#of(v)];
    for (let i = 0; i < a.length; i++) a[i] += scale * b[i];
  }

  addProduct(v: Vector, w: Vector, scale = 1): void {
    const [a, b, c] = [this.#values, ArrayVector.#of(v), ArrayVector.#of(w)];
    for (let i = 0; i < a.length; i++) a[i] += scale * (b[i] * c[i]);
  }

  lerp(from: Vector, t: number): void {
    const [a, b] = [this.#values, ArrayVector.#of(from)];
    for (let i = 0; i < a.length; i++) a[i] = b[i] + t * (a[i] - b[i]);
  }

  lerpBoth(v: Vector, t: number): void {
    this.lerp(v, t);
    v.set(this);
  }

  times(v: Vector | number): void {
    const a = this.#values;
    if (typeof v === "number") for (let i = 0; i < a.length; i++) a[i] *= v;
    else {
      const b = ArrayVector.#of(v);
      for (let i = 0; i < a.length; i++) a[i] *= b[i];
    }
  }

  divide(v: Vector): void {
    const [a, b] = [this.#values, ArrayVector.#of(v)];
    for (let i = 0; i < a.length; i++) if (a[i] !== 0) a[i] /= b[i];
  }

  sqrt(): void {
    this.map(Math.sqrt);
  }

  map(f: (value: number) => number): void {
    const a = this.#values;
    for (let i = 0; i < a.length; i++) a[i] = f(a[i]);
  }

  dot(v: Vector): number {
    const [a, b] = [this.#values, ArrayVector.#of(v)];
    let sum = 0;
    for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
    return sum;
  }

  toArray(): Float32Array {
    return this.#values.slice();
  }

  fromArray(values: Float32Array): void {
    if (values.length !== this.#values.length)
      throw new RangeError(`A vector of ${this.#values.length} parameters cannot take ${values.length} values.`);
    this.#values.set(values);
  }
}

/**
 * A vector over an array, which it shares: what changes one changes the other. Each operation computes in double precision
 * and rounds its result to float32; `dot` adds up in double precision.
 */
export function arrayVector(values: Float32Array): Vector {
  return new ArrayVector(values);
}
