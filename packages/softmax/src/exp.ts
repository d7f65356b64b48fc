// ln 2 in two parts: of the first, products with integers up to 2^20 are exact (Cody & Waite 1980).
const LN2 = 0.6931471805599453;
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

/**
 * eˣ for x ≤ 0, the same on every machine, as `Math.exp` is not: 2ⁿ times the power series at the rest, which is at most
 * ln 2 / 2 in size. Its relative error is below 1e-15 for x ≥ −700; below −745 it is 0.
 */
export function exp(x: number): number {
  if (x < -745) return 0;
  const n = Math.floor(x / LN2 + 0.5);
  const rest = x - n * LN2_HIGH - n * LN2_LOW;
  let value = 1;
  for (let i = 14; i > 0; i--) value = 1 + (rest / i) * value;
  for (let i = -n, half = 0.5; i > 0; i = Math.floor(i / 2), half *= half) if (i % 2 === 1) value *= half;
  return value;
}
