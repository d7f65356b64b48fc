/**
 * What every network's kernel exports. Addresses are bytes, `n` counts float32, `bytes` are those of a row of logits. The
 * sources are in this package's folder `kernel`; a network's own kernel exports them all, beside its layers.
 */
export interface Kernel {
  /** to ← from */
  copy(to: number, from: number, n: number): void;
  /** a ← 0 in the runs [runs, end), each a u32 place and a u32 length in bytes */
  clear(a: number, runs: number, end: number): void;
  /** a ← a + scale · b, where b is 0 outside of the runs */
  add(a: number, b: number, scale: number, runs: number, end: number): void;
  /** a ← a + scale · (b ⊙ c), where b or c is 0 outside of the runs */
  addProduct(a: number, b: number, c: number, scale: number, runs: number, end: number): void;
  /** a ← b + t · (a − b) */
  lerp(a: number, b: number, t: number, n: number): void;
  /** a and b ← b + t · (a − b) */
  lerpBoth(a: number, b: number, t: number, n: number): void;
  /** a ← scale · a */
  scale(a: number, scale: number, n: number): void;
  /** a ← a ⊙ b */
  multiply(a: number, b: number, n: number): void;
  /** a ← a ⊘ b; what is 0 stays 0 */
  divide(a: number, b: number, n: number): void;
  /** a ← √a */
  sqrt(a: number, n: number): void;
  /** Σ a · b, where a or b is 0 outside of the runs */
  dot(a: number, b: number, runs: number, end: number): number;
  /** The cross-entropy of a class; fills δ, its derivative by each logit. */
  crossEntropy(logits: number, delta: number, bytes: number, mask: number, label: number): number;
  /** The cross-entropy of soft targets at a temperature; fills δ. */
  softCrossEntropy(
    logits: number,
    delta: number,
    bytes: number,
    mask: number,
    target: number,
    temperature: number,
  ): number;
  /** The mean of n squared differences to the target logits; fills δ. */
  squaredDifference(logits: number, delta: number, bytes: number, mask: number, target: number, n: number): number;
  /** The sum of the binary cross-entropies of all outputs; fills δ. */
  binaryCrossEntropy(logits: number, delta: number, bytes: number, mask: number, target: number): number;
  /** The output with the largest logit among those of the mask, the first of equals. */
  argmax(logits: number, bytes: number, mask: number): number;
  /** The inner products of the vectors in a list, added to `into` on and below the diagonal, segment by segment. */
  gram(list: number, count: number, into: number, room: number, ends: number, segments: number): void;
}
