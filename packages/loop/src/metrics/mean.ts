/** The mean; null where there is nothing, or a value is missing: the mean of the others would be another's. */
export function mean(values: readonly (number | null)[]): number | null {
  let sum = 0;
  for (const value of values) {
    if (value === null) return null;
    sum += value;
  }
  return values.length > 0 ? sum / values.length : null;
}

/** a − b; null where either is missing. */
export function difference(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a - b;
}

/** The largest; null where a value is missing. */
export function largest(values: readonly (number | null)[]): number | null {
  return values.reduce((best, value) => (best === null || value === null ? null : Math.max(best, value)), -Infinity);
}

/** The smallest; null where a value is missing. */
export function smallest(values: readonly (number | null)[]): number | null {
  return values.reduce((best, value) => (best === null || value === null ? null : Math.min(best, value)), Infinity);
}
