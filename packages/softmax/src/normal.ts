import { log } from "./log.js";

/**
 * A number from the normal distribution with mean 0 and variance 1, by Marsaglia's polar method (Marsaglia & Bray 1964). The
 * same on every machine.
 * @param random draws numbers from [0, 1)
 */
export function normal(random: { uniform(): number }): number {
  for (;;) {
    const [u, v] = [2 * random.uniform() - 1, 2 * random.uniform() - 1];
    const s = u * u + v * v;
    if (s > 0 && s < 1) return u * Math.sqrt((2 * log(1 / s)) / s);
  }
}
