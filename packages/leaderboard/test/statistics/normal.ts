import { generator } from "../../src/statistics/generator.js";

/** Standard normal numbers (Box & Muller 1958). */
export function normal(seed: number): () => number {
  const next = generator(seed);
  const uniform = (): number => (next() + 0.5) / 2 ** 32;
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}
