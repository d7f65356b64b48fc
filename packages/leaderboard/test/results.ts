import type { RunResult } from "../src/index.js";

type Evaluated = Omit<RunResult, "accuracy"> & { readonly accuracy: readonly (readonly number[])[] };

/** A result with a made-up R: high on and below the diagonal, lower above it. */
export function madeUp(tasks: number, { name = "er", seed = 0 } = {}): Evaluated {
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

export function constant(tasks: number, value: number): Evaluated {
  return {
    ...madeUp(tasks),
    accuracy: Array.from({ length: tasks }, () => Array.from({ length: tasks }, () => value)),
  };
}

/** The first rows and columns of a larger made-up R, whose experiences are of these tasks, one after the other. */
export function recurring(order: readonly number[], tasks: number): Evaluated {
  const whole = madeUp(Math.max(order.length, tasks));
  const { accuracy } = whole;
  return { ...whole, accuracy: order.map((_, i) => accuracy[i].slice(0, tasks)), tasks: order.map((task) => [task]) };
}

/** R as an evaluation of "current-and-next" leaves it. */
export function sparse(tasks: number): RunResult {
  const whole = madeUp(tasks);
  const kept = (i: number, j: number) => i === tasks - 1 || j === i || j === i + 1;
  const accuracy = whole.accuracy.map((row, i) => row.map((a, j) => (kept(i, j) ? a : null)));
  return { ...whole, accuracy };
}
