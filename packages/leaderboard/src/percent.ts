/**
 * A fraction as a percentage with one decimal: 0.734 → "73.4%".
 * What is null, absent or not finite (a metric that is not defined, a run that diverged) is "–", never 0%.
 */
export function formatPercent(fraction: number | null | undefined): string {
  return isNumber(fraction) ? `${oneDecimal(fraction)}%` : "–";
}

/** The same without the sign, for a place that says "%" once for many numbers. */
export function percentNumber(fraction: number): string {
  return Number.isFinite(fraction) ? oneDecimal(fraction) : "–";
}

/** Whether a value counts in a mean: neither null nor absent nor the NaN or infinity of a diverged run. */
export function isNumber(value: number | null | undefined): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function oneDecimal(fraction: number): string {
  const text = (100 * fraction).toFixed(1);
  return text === "-0.0" ? "0.0" : text;
}
