// As exact as doubles are and the same on every machine, as Math.exp and Math.log are not.

/** ln 2 in two parts: of the first, products with integers up to 2^20 are exact (Cody & Waite 1980). */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const LN2 = LN2_HIGH + LN2_LOW;

/** eˣ for x ≤ 0; 0 below −708. */
export function exp(x: number): number {
  if (x < -708) return 0;
  const n = Math.floor(x / LN2 + 0.5);
  const rest = x - n * LN2_HIGH - n * LN2_LOW;
  let value = 1;
  for (let i = 14; i > 0; i--) value = 1 + (rest / i) * value;
  for (let left = -n, half = 0.5; left > 0; left = Math.floor(left / 2), half *= half)
    if (left % 2 === 1) value *= half;
  return value;
}

/** ln x for x ≥ 1, by the series of artanh; of what is not finite, itself. */
export function log(x: number): number {
  if (!Number.isFinite(x)) return x;
  let [m, n] = [x, 0];
  for (; m > 1.5; m /= 2) n++;
  const t = (m - 1) / (m + 1);
  let sum = 0;
  for (let i = 27; i > 0; i -= 2) sum = sum * t * t + 1 / i;
  return n * LN2 + 2 * t * sum;
}
