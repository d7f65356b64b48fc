import { mean, standardDeviation } from "./mean.js";
import { student } from "./student.js";

/** From `lower` to `upper`, in the unit of the values. */
export interface Interval {
  readonly lower: number;
  readonly upper: number;
}

/**
 * Student's 95% confidence interval of the mean (Student 1908): mean ± t · s/√n; null for a single value, of which nothing
 * is known. Its coverage is exact for normal values, and with few seeds it is better than a bootstrap's. It is not
 * clipped to the range of the values: an interval of accuracies may end above 1.
 * @throws RangeError where there are no values, or one is not finite.
 */
export function meanInterval(values: readonly number[]): Interval | null {
  const centre = mean(values);
  const deviation = standardDeviation(values);
  if (deviation === null) return null;
  const half = (quantile(values.length - 1) * deviation) / Math.sqrt(values.length);
  return { lower: centre - half, upper: centre + half };
}

/** Quantiles computed so far, by degrees of freedom: most runs have equally many seeds. */
const quantiles = new Map<number, number>();

function quantile(df: number): number {
  const known = quantiles.get(df) ?? student(df).critical(0.05);
  quantiles.set(df, known);
  return known;
}
