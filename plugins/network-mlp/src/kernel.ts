import type { Kernel } from "@everlearn/wasm";

/**
 * What the kernel exports for layers, beside what every kernel does; addresses are bytes, and `network` is that of the
 * table of layers. The sources are in `kernel/`.
 */
export interface MlpKernel extends Kernel {
  readBytes(network: number, frame: number, x: number, n: number): void;
  readFloats(network: number, frame: number, x: number, n: number): void;
  forward(network: number, theta: number, frame: number, end: number, frameBytes: number): void;
  backward(network: number, theta: number, frame: number, features: number): void;
  inputGradient(network: number, theta: number, frame: number, into: number): void;
  update(network: number, target: number, frame: number, rate: number): void;
  descend(network: number, theta: number, frame: number, rate: number): void;
  squaredNorm(network: number, frame: number): number;
  mark(network: number, frame: number, marks: number): void;
  runs(network: number, marks: number, inputs: number, bytes: number, into: number): number;
  gradientGram(network: number, frames: number, count: number, into: number, dense: number): void;
}
