import { exp, log } from "@everlearn/softmax";

/**
 * Tukey's transformation, x^β, of features that are not negative.
 * @throws RangeError where one is negative and β is not 1
 */
export function tukey(features: Float64Array, beta: number): Float64Array {
  if (beta === 1) return features;
  const negative = features.find((value) => value < 0);
  if (negative !== undefined)
    throw new RangeError(
      `learner-fecam raises features to the power ${beta}, and one is ${negative}; use features that are not negative, such as those after a ReLU, or beta 1.`,
    );
  if (beta === 0.5) return features.map((value) => Math.sqrt(value));
  return features.map((value) => (value === 0 ? 0 : exp(beta * log(value))));
}

/** A vector scaled to length 1; zeros stay zeros. */
export function unit(vector: Float64Array): Float64Array {
  let square = 0;
  for (const value of vector) square += value * value;
  const norm = Math.sqrt(square) || 1;
  return vector.map((value) => value / norm);
}
