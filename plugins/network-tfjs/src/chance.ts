import type { Random } from "@everlearn/contracts";

/**
 * Runs what draws from the engine's own generator with another in its place: TensorFlow.js seeds its initializers and
 * its dropout with `Math.random` where the model's author gave no seed.
 */
export function drawingFrom<T>(random: Random, compute: () => T): T {
  const { random: engines } = Math;
  Math.random = () => random.uniform();
  try {
    return compute();
  } finally {
    Math.random = engines;
  }
}
