/**
 * The learning rate of pass `p`, from 0: a tenth of `alpha` in the first; then from `alpha` down to `alphaMin` along a
 * cosine, again and again, over 1, 2, 4, … passes (SGDR of Loshchilov & Hutter 2017, T₀ = 1, T_mult = 2).
 */
export function rateOf(p: number, alpha: number, alphaMin: number): number {
  if (p === 0) return 0.1 * alpha;
  let cycle = 1; // as long as all cycles before it and the first pass
  while (2 * cycle <= p) cycle *= 2;
  return alphaMin + 0.5 * (alpha - alphaMin) * (1 + cosine((Math.PI * (p - cycle)) / cycle));
}

/** cos x for x in [0, π], the same on every machine, as `Math.cos` is not: its power series. */
export function cosine(x: number): number {
  if (x > Math.PI / 2) return -cosine(Math.PI - x);
  let value = 1;
  for (let n = 22; n > 0; n -= 2) value = 1 - ((x * x) / (n * (n - 1))) * value;
  return value;
}
