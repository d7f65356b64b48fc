import { distance } from "./herding.js";

/**
 * The class whose mean is nearest to an input's features, the first of equals.
 * @param means by class; undefined for a class without exemplars
 * @param outputs the classes among which the answer is sought; absent: all
 * @returns −1 where none of these has a mean
 */
export function nearestMean(
  features: Float64Array,
  means: readonly (Float64Array | undefined)[],
  outputs?: readonly number[],
): number {
  let [nearest, least] = [-1, Infinity];
  means.forEach((mean, c) => {
    if (!mean || outputs?.includes(c) === false) return;
    const apart = distance(features, mean);
    if (apart < least) [nearest, least] = [c, apart];
  });
  return nearest;
}
