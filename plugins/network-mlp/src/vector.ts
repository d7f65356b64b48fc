import type { Vector } from "@everlearn/contracts";
import { eachRun, type Layer, parameters } from "./layout.js";
import type { Memory } from "./memory.js";

/** A vector in a kernel's memory; a class because algorithms call it in their inner loops. */
export class KernelVector implements Vector {
  readonly #memory: Memory;
  readonly #layers: readonly Layer[];
  /** In float32, padding included. */
  readonly #length: number;
  #address: number;

  constructor(memory: Memory, layers: readonly Layer[], length: number) {
    this.#memory = memory;
    this.#layers = layers;
    this.#length = length;
    this.#address = memory.take(length * 4);
  }

  /** Where its numbers lie now, in bytes. */
  get address(): number {
    return this.#address;
  }

  #of(v: Vector): number {
    return KernelVector.addressOf(v, this.#memory);
  }

  /** Where a vector lies in a memory. @throws TypeError where it lies in another */
  static addressOf(v: Vector, memory: Memory): number {
    return KernelVector.#in(memory, v).#address;
  }

  static #in(memory: Memory, v: Vector): KernelVector {
    if (v instanceof KernelVector && v.#memory === memory) return v;
    throw new TypeError("A vector of another network was given; vectors meet only those of their own network.");
  }

  /** this ← 0, whatever it was */
  clear(): void {
    this.#memory.bytes.fill(0, this.address, this.address + this.#length * 4);
  }

  set(v: Vector): void {
    this.#memory.kernel.copy(this.address, this.#of(v), this.#length);
  }

  swap(v: Vector): void {
    const other = KernelVector.#in(this.#memory, v);
    [this.#address, other.#address] = [other.#address, this.#address];
  }

  add(v: Vector, scale = 1): void {
    this.#memory.kernel.add(this.address, this.#of(v), scale, this.#length);
  }

  addProduct(a: Vector, b: Vector, scale = 1): void {
    this.#memory.kernel.addProduct(this.address, this.#of(a), this.#of(b), scale, this.#length);
  }

  lerp(from: Vector, t: number): void {
    this.#memory.kernel.lerp(this.address, this.#of(from), t, this.#length);
  }

  meet(v: Vector, t: number): void {
    this.#memory.kernel.meet(this.address, this.#of(v), t, this.#length);
  }

  times(v: Vector | number): void {
    if (typeof v === "number") this.#memory.kernel.scale(this.address, v, this.#length);
    else this.#memory.kernel.multiply(this.address, this.#of(v), this.#length);
  }

  divide(v: Vector): void {
    this.#memory.kernel.divide(this.address, this.#of(v), this.#length);
  }

  sqrt(): void {
    this.#memory.kernel.sqrt(this.address, this.#length);
  }

  map(f: (value: number) => number): void {
    this.fromArray(this.toArray().map((value) => f(value)));
  }

  dot(v: Vector): number {
    return this.#memory.kernel.dot(this.address, this.#of(v), this.#length);
  }

  toArray(): Float32Array {
    const array = new Float32Array(parameters(this.#layers));
    const start = this.address / 4;
    const { floats } = this.#memory;
    eachRun(this.#layers, (padded, canonical, n) => {
      array.set(floats.subarray(start + padded, start + padded + n), canonical);
    });
    return array;
  }

  fromArray(values: Float32Array): void {
    const expected = parameters(this.#layers);
    if (values.length !== expected)
      throw new RangeError(`A vector of ${expected} parameters cannot take ${values.length} values.`);
    const start = this.address / 4;
    const { floats } = this.#memory;
    eachRun(this.#layers, (padded, canonical, n) => {
      floats.set(values.subarray(canonical, canonical + n), start + padded);
    });
  }
}
