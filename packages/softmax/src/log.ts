const LN2 = 0.6931471805599453;

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
