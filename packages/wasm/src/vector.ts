import type { Vector } from "@everlearn/contracts";
import { eachRow, type Layout, sizeOf } from "./layout.js";
import type { Memory } from "./memory.js";

/** Bytes of a run: its place and its length. */
const RUN = 8;

/**
 * A vector in a kernel's memory; a class because algorithms call it in their inner loops. It knows in which runs it can be
 * other than zero: the gradient of a few examples is zero in all weights of inputs that are zero in all of them, which sums
 * with it leave out.
 */
export class KernelVector implements Vector {
  readonly #memory: Memory;
  readonly #layout: Layout;
  /** In float32, padding included. */
  readonly #length: number;
  /** The address of the one run that is everything. */
  readonly #whole: number;
  #address: number;
  /** Where its runs begin and end. */
  #runs: number;
  #end: number;
  /** Room for runs, once it has had any. */
  #room = 0;

  /** A vector of zeros. */
  constructor(memory: Memory, layout: Layout) {
    this.#memory = memory;
    this.#layout = layout;
    this.#length = layout.length;
    this.#address = memory.take(layout.length * 4);
    this.#whole = memory.take(RUN);
    memory.words[this.#whole / 4 + 1] = layout.length * 4;
    this.#runs = this.#whole;
    this.#end = this.#whole + RUN;
  }

  /** Where its numbers lie now, in bytes. Whoever asks may write there: from now on all may be other than zero. */
  get address(): number {
    if (this.#runs !== this.#whole) this.#widen();
    return this.#address;
  }

  /**
   * Says that it is zero outside of runs: until something is written to it, sums with it leave the rest out.
   * @param bytes the most that the runs take
   * @param write writes the runs to an address, each its place in the vector and its length in bytes (u32), multiples of 16,
   * ascending and apart from each other; returns where they end
   */
  confine(bytes: number, write: (runs: number) => number): void {
    if (this.#room === 0) this.#room = this.#memory.take(bytes);
    this.#runs = this.#room;
    this.#end = write(this.#room);
  }

  /** All may be other than zero. */
  #widen(): void {
    this.#runs = this.#whole;
    this.#end = this.#whole + RUN;
  }

  #of(v: Vector): number {
    return KernelVector.in(this.#memory, v).#address;
  }

  /** A vector as one of a memory. @throws TypeError where it is of another */
  static in(memory: Memory, v: Vector): KernelVector {
    if (v instanceof KernelVector && v.#memory === memory) return v;
    throw new TypeError("A vector of another network was given; vectors meet only those of their own network.");
  }

  /** Whichever of two vectors is confined to runs. */
  static #narrower(a: KernelVector, b: KernelVector): KernelVector {
    return a.#runs === a.#whole ? b : a;
  }

  /** this ← 0, whatever it was */
  clear(): void {
    this.#memory.kernel.clear(this.#address, this.#runs, this.#end);
  }

  set(v: Vector): void {
    this.#memory.kernel.copy(this.address, this.#of(v), this.#length);
  }

  swap(v: Vector): void {
    const other = KernelVector.in(this.#memory, v);
    [this.#address, other.#address] = [other.#address, this.#address];
    this.#widen();
    other.#widen();
  }

  add(v: Vector, scale = 1): void {
    const other = KernelVector.in(this.#memory, v);
    this.#memory.kernel.add(this.#address, other.#address, scale, other.#runs, other.#end);
    this.#widen();
  }

  addProduct(a: Vector, b: Vector, scale = 1): void {
    const [left, right] = [KernelVector.in(this.#memory, a), KernelVector.in(this.#memory, b)];
    const { kernel } = this.#memory;
    const narrow = KernelVector.#narrower(left, right);
    kernel.addProduct(this.#address, left.#address, right.#address, scale, narrow.#runs, narrow.#end);
    this.#widen();
  }

  lerp(from: Vector, t: number): void {
    this.#memory.kernel.lerp(this.address, this.#of(from), t, this.#length);
  }

  lerpBoth(v: Vector, t: number): void {
    this.#memory.kernel.lerpBoth(this.address, KernelVector.in(this.#memory, v).address, t, this.#length);
  }

  times(v: Vector | number): void {
    if (typeof v === "number") {
      if (!(v > 0 && Math.fround(v) < Infinity)) this.#widen(); // else zeros stay what they are
      this.#memory.kernel.scale(this.#address, v, this.#length);
    } else this.#memory.kernel.multiply(this.address, this.#of(v), this.#length);
  }

  divide(v: Vector): void {
    this.#memory.kernel.divide(this.address, this.#of(v), this.#length);
  }

  sqrt(): void {
    this.#memory.kernel.sqrt(this.address, this.#length);
  }

  map(f: (value: number) => number): void {
    const start = this.address / 4;
    const { floats } = this.#memory;
    eachRow(this.#layout, (place, _, n) => {
      for (let i = start + place, end = i + n; i < end; i++) floats[i] = f(floats[i]);
    });
  }

  dot(v: Vector): number {
    const other = KernelVector.in(this.#memory, v);
    const narrow = KernelVector.#narrower(this, other);
    return this.#memory.kernel.dot(this.#address, other.#address, narrow.#runs, narrow.#end);
  }

  toArray(): Float32Array {
    const array = new Float32Array(sizeOf(this.#layout));
    const start = this.#address / 4;
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
