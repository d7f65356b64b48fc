import type { Vector } from "@everlearn/contracts";
import { eachRow, type Layout, sizeOf } from "./layout.js";
import type { Memory } from "./memory.js";

/** A vector in a kernel's memory; a class because algorithms call it in their inner loops. */
export class KernelVector implements Vector {
  readonly #memory: Memory;
  readonly #layout: Layout;
  /** In float32, padding included. */
  readonly #length: number;
  #address: number;

  /** A vector of zeros. */
  constructor(memory: Memory, layout: Layout) {
    this.#memory = memory;
    this.#layout = layout;
    this.#length = layout.length;
    this.#address = memory.take(layout.length * 4);
  }

  /** Where its numbers lie now, in bytes. */
  get address(): number {
    return this.#address;
  }

  #of(v: Vector): number {
    return KernelVector.in(this.#memory, v).#address;
  }

  /** A vector as one of a memory. @throws TypeError where it is of another */
  static in(memory: Memory, v: Vector): KernelVector {
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
    const other = KernelVector.in(this.#memory, v);
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

  lerpBoth(v: Vector, t: number): void {
    this.#memory.kernel.lerpBoth(this.address, this.#of(v), t, this.#length);
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
    const array = new Float32Array(sizeOf(this.#layout));
    const start = this.address / 4;
    const { floats } = this.#memory;
    eachRow(this.#layout, (place, canonical, n) => {
      array.set(floats.subarray(start + place, start + place + n), canonical);
    });
    return array;
  }

  fromArray(values: Float32Array): void {
    const size = sizeOf(this.#layout);
    if (values.length !== size)
      throw new RangeError(`A vector of ${size} parameters cannot take ${values.length} values.`);
    const start = this.address / 4;
    const { floats } = this.#memory;
    eachRow(this.#layout, (place, canonical, n) => {
      floats.set(values.subarray(canonical, canonical + n), start + place);
    });
  }
}
