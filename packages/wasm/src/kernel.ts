/**
 * What every network's kernel exports. Addresses are bytes, `n` counts float32, `bytes` are those of a row of logits. The
 * sources are in this package's folder `kernel`; a network's own kernel exports them all, beside its layers.
 */
export interface Kernel {
  copy(to: number, from: number, n: number): void;
  add(a: number, b: number, scale: number, n: number): void;
  addProduct(a: number, b: number, c: number, scale: number, n: number): void;
  lerp(a: number, b: number, t: number, n: number): void;
  lerpBoth(a: number, b: number, t: number, n: number): void;
  scale(a: number, scale: number, n: number): void;
  multiply(a: number, b: number, n: number): void;
  divide(a: number, b: number, n: number): void;
  sqrt(a: number, n: number): void;
  dot(a: number, b: number, n: number): number;
  crossEntropy(logits: number, delta: number, bytes: number, mask: number, label: number): number;
  softCrossEntropy(
    logits: number,
    delta: number,
    bytes: number,
    mask: number,
    target: number,
    temperature: number,
  ): number;
  squaredDifference(logits: number, delta: number, bytes: number, mask: number, target: number, n: number): number;
  binaryCrossEntropy(logits: number, delta: number, bytes: number, mask: number, target: number): number;
  argmax(logits: number, bytes: number, mask: number): number;
  gram(list: number, count: number, into: number, room: number, ends: number, segments: number): void;
}
