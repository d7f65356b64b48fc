import type { Vector } from "@everlearn/contracts";

/** Scales a vector down to the L2 norm `clip` if it is longer; 0: no limit. */
export function clipNorm(vector: Vector, clip: number): void {
  const norm = Math.sqrt(vector.dot(vector));
  if (clip > 0 && norm > clip) vector.times(clip / norm);
}
