import { exp } from "./exp.js";

export { exp } from "./exp.js";
export { log } from "./log.js";

/**
 * The probabilities softmax(z / temperature) of the outputs that take part; the others' are 0. The same on every machine.
 * @param logits a number for each output
 * @param outputs the outputs that take part; all where absent
 * @param temperature > 0
 * @returns a number for each output
 */
export function softmax(logits: ArrayLike<number>, outputs?: readonly number[], temperature = 1): Float32Array {
  const units = outputs ?? Array.from(logits, (_, o) => o);
  let highest = -Infinity;
  for (const o of units) highest = Math.max(highest, logits[o]);
  const powers = new Float64Array(units.length);
  let sum = 0;
  for (let i = 0; i < powers.length; i++) sum += powers[i] = exp((logits[units[i]] - highest) / temperature);
  const probabilities = new Float32Array(logits.length);
  for (let i = 0; i < powers.length; i++) probabilities[units[i]] = powers[i] / sum;
  return probabilities;
}

/** σ(z) = 1 / (1 + e⁻ᶻ), the same on every machine. */
export function sigmoid(z: number): number {
  const small = exp(-Math.abs(z));
  return (z < 0 ? small : 1) / (1 + small);
}
