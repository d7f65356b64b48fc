import type { Network, Stateful, Vector } from "@everlearn/contracts";

/** Parameters of which each task has values of its own: θ has those of the task at hand, those of the others are put away. */
export interface TaskParameters extends Stateful {
  /** Gives θ another task's values, to go on training. */
  switchTo(task: number): void;
  /** Calls `ask` while θ has a task's values, and returns its answer. */
  asIf<T>(task: number, ask: () => T): T;
}

/** What is needed of a network whose parameters are exchanged. */
export type Parametrised = Pick<Network, "theta" | "vector">;

/**
 * Creates parameters that each task has for itself.
 * @param options `count` of θ's parameters, the first ones, are each task's own: all by default. With `warmStart` a new task
 * begins with the values of the task before it, otherwise with those that θ has now.
 */
export function taskParameters(
  network: Parametrised,
  { count, warmStart }: { count?: number; warmStart: boolean },
): TaskParameters {
  const { theta } = network;
  const { take, give, toArray, fromArray } = count === undefined ? all(network) : first(count, network);
  const away = new Map<number, Vector>(); // by task; the vector of the task at hand waits until the task is left
  const initial = network.vector();
  take(initial);
  const present = network.vector();
  let current: number | undefined;

  /** What θ has to be given for a task; undefined: nothing. */
  function valuesOf(task: number): Vector | undefined {
    if (task === current) return undefined;
    return away.get(task) ?? (warmStart ? undefined : initial);
  }

  function putAway(task: number): void {
    const values = away.get(task) ?? network.vector();
    take(values);
    away.set(task, values);
  }

  return {
    switchTo(task) {
      const values = valuesOf(task);
      if (current !== undefined && task !== current) putAway(current);
      if (values) give(values);
      current = task;
    },
    asIf(task, ask) {
      const values = valuesOf(task);
      if (!values) return ask();
      present.set(theta);
      give(values);
      try {
        return ask();
      } finally {
        theta.swap(present);
      }
    },
    save: () => ({
      current: current ?? null,
      initial: toArray(initial),
      away: [...away].filter(([task]) => task !== current).map(([task, values]) => ({ task, values: toArray(values) })),
    }),
    load(state) {
      const saved = state as {
        current: number | null;
        initial: Float32Array;
        away: readonly { task: number; values: Float32Array }[];
      };
      current = saved.current ?? undefined;
      fromArray(saved.initial, initial);
      away.clear();
      for (const { task, values } of saved.away) {
        const vector = network.vector();
        fromArray(values, vector);
        away.set(task, vector);
      }
    },
  };
}

/** How some of θ's parameters are exchanged with vectors, which are 0 elsewhere, and those with arrays. */
interface Exchange {
  /** into ← θ's */
  take(into: Vector): void;
  /** θ's ← values */
  give(values: Vector): void;
  toArray(values: Vector): Float32Array;
  fromArray(array: Float32Array, into: Vector): void;
}

function all({ theta }: Parametrised): Exchange {
  return {
    take: (into) => into.set(theta),
    give: (values) => theta.set(values),
    toArray: (values) => values.toArray(),
    fromArray: (array, into) => into.fromArray(array),
  };
}

function first(count: number, network: Parametrised): Exchange {
  const { theta } = network;
  const size = theta.toArray().length;
  const filled = (own: number, others: number): Vector => {
    const vector = network.vector();
    vector.fromArray(new Float32Array(size).fill(own, 0, count).fill(others, count));
    return vector;
  };
  const mask = filled(1, 0);
  const rest = filled(0, 1);
  return {
    take(into) {
      into.set(theta);
      into.times(mask);
    },
    give(values) {
      theta.times(rest);
      theta.add(values); // exact: each sum has a 0
    },
    toArray: (values) => values.toArray().slice(0, count),
    fromArray(array, into) {
      const whole = new Float32Array(size);
      whole.set(array);
      into.fromArray(whole);
    },
  };
}
