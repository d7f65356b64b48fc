import { kernel as base64 } from "./kernel.wasm.js";

/** What the kernel exports; addresses are bytes, `n` counts float32. The sources are in `kernel/`. */
interface Kernel {
  init(layers: number): void;
  readBytes(frame: number, x: number, n: number): void;
  readFloats(frame: number, x: number, n: number): void;
  forward(theta: number, frame: number, end: number, frameBytes: number): void;
  loss(frame: number, label: number, mask: number): number;
  softLoss(frame: number, target: number, mask: number, temperature: number): number;
  squaredLoss(frame: number, target: number, mask: number, n: number): number;
  binaryLoss(frame: number, target: number, mask: number): number;
  backward(theta: number, frame: number): void;
  update(target: number, frame: number, rate: number): void;
  descend(theta: number, frame: number, rate: number): void;
  squaredNorm(frame: number): number;
  predict(frame: number, mask: number): number;
  copy(to: number, from: number, n: number): void;
  add(a: number, b: number, scale: number, n: number): void;
  addProduct(a: number, b: number, c: number, scale: number, n: number): void;
  lerp(a: number, b: number, t: number, n: number): void;
  meet(a: number, b: number, t: number, n: number): void;
  scale(a: number, scale: number, n: number): void;
  multiply(a: number, b: number, n: number): void;
  divide(a: number, b: number, n: number): void;
  sqrt(a: number, n: number): void;
  dot(a: number, b: number, n: number): number;
  gradientGram(frames: number, count: number, into: number, dense: number): void;
  gram(list: number, count: number, into: number, room: number, ends: number, segments: number): void;
}

/** A kernel with a memory of its own, in which room is taken and never given back before the whole goes. */
export interface Memory {
  readonly kernel: Kernel;
  /** Views of the memory; read them anew after `take`, which may replace them. */
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  readonly floats: Float32Array;
  readonly doubles: Float64Array;
  /** The address of `bytes` new zero bytes, a multiple of 16. */
  take(bytes: number): number;
}

const PAGE = 65536;

let compiled: WebAssembly.Module | undefined;

/** @param from the first address that may be taken; what lies below is the kernel's */
export function createMemory(from: number): Memory {
  compiled ??= new WebAssembly.Module(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)));
  const memory = new WebAssembly.Memory({ initial: Math.ceil(from / PAGE) });
  const instance = new WebAssembly.Instance(compiled, { env: { memory } });
  const views = () => ({
    bytes: new Uint8Array(memory.buffer),
    words: new Uint32Array(memory.buffer),
    floats: new Float32Array(memory.buffer),
    doubles: new Float64Array(memory.buffer),
  });
  let end = from;
  let view = views();
  return {
    kernel: instance.exports as unknown as Kernel,
    get bytes() {
      return view.bytes;
    },
    get words() {
      return view.words;
    },
    get floats() {
      return view.floats;
    },
    get doubles() {
      return view.doubles;
    },
    take(bytes) {
      const address = end;
      end += Math.ceil(bytes / 16) * 16;
      const missing = end - memory.buffer.byteLength;
      if (missing > 0) {
        memory.grow(Math.ceil(missing / PAGE));
        view = views(); // growing detaches the old ones
      }
      return address;
    },
  };
}
