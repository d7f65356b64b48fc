import type { RunResult } from "../src/index.js";

/** A result with a made-up R: high on and below the diagonal, lower above it. */
export function madeUp(tasks: number, { name = "er", seed = 0 } = {}): RunResult {
  const accuracy = Array.from({ length: tasks }, (_, i) =>
    Array.from(
      { length: tasks },
      (_, j) => (j > i ? 0.1 : 0.6) + 0.35 * (((7919 * i + 104729 * j + 31 * i * j + seed) % 997) / 997),
    ),
  );
  return {
    name,
    seed,
    accuracy,
    initial: Array.from({ length: tasks }, () => 0.1),
    metrics: { retainedAccuracy: 0.7345, learningAccuracy: 0.9 },
  };
}

export function constant(tasks: number, value: number): RunResult {
  return {
    ...madeUp(tasks),
    accuracy: Array.from({ length: tasks }, () => Array.from({ length: tasks }, () => value)),
  };
}
