import type { Network, NetworkCore, Term, Vector } from "@everlearn/contracts";

/** A network's parameters, ready to be computed with in double precision. */
export const thetaOf = ({ theta }: Pick<NetworkCore, "theta">): Float64Array => Float64Array.from(theta.toArray());

/** The gradient of a batch's loss, in a vector of its own. */
export function gradientOf(network: Network, batch: readonly Term[]): Vector {
  const gradient = network.vector();
  network.gradient(batch, gradient);
  return gradient;
}

/** a + scale · b */
export const plus = (a: Float64Array, b: ArrayLike<number>, scale = 1): Float64Array<ArrayBuffer> =>
  a.map((value, i) => value + scale * b[i]);

/** from + t · (to − from) */
export const lerp = (from: Float64Array, to: ArrayLike<number>, t: number): Float64Array<ArrayBuffer> =>
  from.map((value, i) => value + t * (to[i] - value));

/** Σ a · b */
export const dot = (a: Float64Array, b: ArrayLike<number>): number =>
  a.reduce((sum, value, i) => sum + value * b[i], 0);

/** A gradient, shortened to the L2 norm `clip` if it is longer; 0: never. */
export function clipped(gradient: Float64Array, clip: number): Float64Array {
  const norm = Math.sqrt(dot(gradient, gradient));
  return clip > 0 && norm > clip ? gradient.map((value) => (value * clip) / norm) : gradient;
}

/** The largest difference between two numbers in the same place. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new RangeError(`${a.length} numbers cannot be compared with ${b.length}.`);
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i])));
}
