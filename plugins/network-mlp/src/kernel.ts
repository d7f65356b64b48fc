import type { Kernel } from "@everlearn/wasm";

/** What the kernel exports for layers, beside what every kernel does; addresses are bytes. The sources are in `kernel/`. */
export interface MlpKernel extends Kernel {
  init(layers: number): void;
  readBytes(frame: number, x: number, n: number): void;
  readFloats(frame: number, x: number, n: number): void;
  forward(theta: number, frame: number, end: number, frameBytes: number): void;
  backward(theta: number, frame: number, features: number): void;
  inputGradient(theta: number, frame: number, into: number): void;
  update(target: number, frame: number, rate: number): void;
  descend(theta: number, frame: number, rate: number): void;
  squaredNorm(frame: number): number;
  mark(frame: number, marks: number): void;
  runs(marks: number, inputs: number, bytes: number, into: number): number;
  gradientGram(frames: number, count: number, into: number, dense: number): void;
}
