/**
 * The learning rate of pass `p`, counted from 0: a tenth of `alpha` in the first pass, then cosine annealing from `alpha`
 * to `alphaMin` in cycles of 1, 2, 4, … passes (SGDR of Loshchilov & Hutter 2017, T₀ = 1, T_mult = 2).
 */
export function rateOf(p: number, alpha: number, alphaMin: number): number {
  if (p === 0) return 0.1 * alpha;
  let cycle = 1; // its length: that of the first pass and all earlier cycles together
  while (2 * cycle <= p) cycle *= 2;
  return alphaMin + 0.5 * (alpha - alphaMin) * (1 + cosine((Math.PI * (p - cycle)) / cycle));
}

/** cos x for x in [0, π] by its power series: unlike `Math.cos`, the same on every machine. */
export function cosine(x: number): number {
  if (x > Math.PI / 2) return -cosine(Math.PI - x);
  let value = 1;
  for (let n = 22; n > 0; n -= 2) value = 1 - ((x * x) / (n * (n - 1))) * value;
  return value;
}
