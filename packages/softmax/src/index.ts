import { exp } from "./exp.js";

export { exp } from "./exp.js";
export { log } from "./log.js";
export { normal } from "./normal.js";

/**
 * The probabilities softmax(z / temperature) of the outputs that take part; the others' are 0. The same on every machine.
 * @param logits a number for each output
 * @param outputs the outputs that take part; all where absent
 * @param temperature > 0
 * @returns a number for each output
 */
export function softmax(logits: ArrayLike<number>, outputs?: readonly number[], temperature = 1): Float32Array {
  const units = outputs ?? Array.from(logits, (_, o) => o);
  const highest = Math.max(...units.map((o) => logits[o]));
  const powers = units.map((o) => exp((logits[o] - highest) / temperature));
  const sum = powers.reduce((total, power) => total + power, 0);
  const probabilities = new Float32Array(logits.length);
  units.forEach((o, i) => (probabilities[o] = powers[i] / sum));
  return probabilities;
}

/** σ(z) = 1 / (1 + e⁻ᶻ), the same on every machine. */
export function sigmoid(z: number): number {
  const small = exp(-Math.abs(z));
  return (z < 0 ? small : 1) / (1 + small);
}
