import type { Learner, Network, OptionsFor, Plugin, Query, Vector } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";

const options = {
  alpha: { type: "number", exclusiveMinimum: 0, description: "The learning rate α." },
  warmStart: {
    type: "boolean",
    default: true,
    description:
      "Whether a new task's network begins where the one before it was left, or else where the first one began.",
  },
  clip: {
    type: "number",
    minimum: 0,
    default: 0,
    description: "The largest L2 norm of a step's gradient; 0: no limit.",
  },
} as const;

/**
 * One network for each task, each learning online: a baseline of Lopez-Paz & Ranzato 2017. The network that it is given
 * takes the parameters of the task at hand; the other tasks' are put away.
 */
export function independent(given: OptionsFor<typeof options>, { network }: { network: Network }): Learner {
  const { alpha, warmStart, clip } = withDefaults(options, given);
  const limits = clip > 0 ? { clip } : {};
  const { theta } = network;
  const away = new Map<number, Vector>(); // by task; the current one's vector waits until the task is left
  const initial = network.vector();
  initial.set(theta);
  let current: number | undefined;

  /** What θ has to be for a task; undefined: what it is. */
  function parametersOf(task: number): Vector | undefined {
    if (task === current) return undefined;
    return away.get(task) ?? (warmStart ? undefined : initial);
  }

  function putAway(task: number): void {
    const vector = away.get(task) ?? network.vector();
    vector.set(theta);
    away.set(task, vector);
  }

  function turnTo(task: number): void {
    const parameters = parametersOf(task);
    if (current !== undefined && task !== current) putAway(current);
    if (parameters) theta.set(parameters);
    current = task;
  }

  /** What is answered with these parameters as θ; undefined: with θ as it is. */
  function askedOf<T>(parameters: Vector | undefined, ask: () => T): T {
    if (!parameters) return ask();
    theta.swap(parameters);
    try {
      return ask();
    } finally {
      theta.swap(parameters);
    }
  }

  return {
    observe(batch) {
      for (const [task, places] of byTask(batch)) {
        turnTo(task);
        const own = places.map((i) => batch[i]);
        network.descend(own, alpha, limits);
      }
    },
    predict(queries) {
      const answers = new Uint16Array(queries.length);
      for (const [task, places] of byTask(queries)) {
        const some = askedOf(parametersOf(task), () => network.predict(places.map((i) => queries[i])));
        places.forEach((i, j) => (answers[i] = some[j]));
      }
      return answers;
    },
    save: () => ({
      current: current ?? null,
      initial: initial.toArray(),
      away: [...away].filter(([task]) => task !== current).map(([task, vector]) => ({ task, theta: vector.toArray() })),
    }),
    load(state) {
      const saved = state as {
        current: number | null;
        initial: Float32Array;
        away: readonly { task: number; theta: Float32Array }[];
      };
      current = saved.current ?? undefined;
      initial.fromArray(saved.initial);
      away.clear();
      for (const { task, theta } of saved.away) {
        const vector = network.vector();
        vector.fromArray(theta);
        away.set(task, vector);
      }
    },
  };
}

/** The places of each task's queries among all, tasks in the order in which they first come. */
function byTask(queries: readonly Query[]): Map<number, number[]> {
  const places = new Map<number, number[]>();
  queries.forEach(({ task }, i) => {
    if (task === undefined)
      throw new RangeError(
        'Learner independent needs task labels in training and at test; choose a scenario that grants them, such as "task-il".',
      );
    const others = places.get(task);
    if (others) others.push(i);
    else places.set(task, [i]);
  });
  return places;
}

const plugin: Plugin<"learner", typeof options, "network" | "testTaskLabels"> = {
  kind: "learner",
  name: "independent",
  contract: 2,
  description: "One network for each task, which by default begins where the one before it was left.",
  paper: "arXiv:1706.08840",
  options,
  needs: ["network", "testTaskLabels"],
  create: independent,
};
export default plugin;
