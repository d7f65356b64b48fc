import type { Vector } from "@everlearn/contracts";

const f = Math.fround;

/** A vector that rounds every operation to float32; its inner products are sums in double precision. */
export class Float32Vector implements Vector {
  values: Float32Array;

  constructor(values: Float32Array) {
    this.values = values;
  }

  #become(value: (own: number, i: number) => number): void {
    this.values.forEach((own, i) => (this.values[i] = value(own, i)));
  }

  set(v: Vector): void {
    this.values.set(of(v));
  }

  swap(v: Vector): void {
    const own = this.values.slice();
    this.set(v);
    of(v).set(own);
  }

  add(v: Vector, scale = 1): void {
    this.#become((own, i) => f(own + f(f(scale) * of(v)[i])));
  }

  addProduct(v: Vector, w: Vector, scale = 1): void {
    this.#become((own, i) => f(own + f(f(scale) * f(of(v)[i] * of(w)[i]))));
  }

  lerp(from: Vector, t: number): void {
    this.#become((own, i) => f(of(from)[i] + f(f(t) * f(own - of(from)[i]))));
  }

  lerpBoth(v: Vector, t: number): void {
    this.lerp(v, t);
    v.set(this);
  }

  times(v: Vector | number): void {
    this.#become((own, i) => f(own * (typeof v === "number" ? f(v) : of(v)[i])));
  }

  divide(v: Vector): void {
    this.#become((own, i) => (own === 0 ? 0 : f(own / of(v)[i])));
  }

  sqrt(): void {
    this.#become((own) => f(Math.sqrt(own)));
  }

  map(g: (value: number) => number): void {
    this.#become((own) => g(own));
  }

  dot(v: Vector): number {
    return this.values.reduce((sum, own, i) => sum + own * of(v)[i], 0);
  }

  toArray(): Float32Array {
    return this.values.slice();
  }

  fromArray(values: Float32Array): void {
    this.values.set(values);
  }
}

const of = (v: Vector): Float32Array => (v as Float32Vector).values;
