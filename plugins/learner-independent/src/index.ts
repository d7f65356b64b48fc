import type { Learner, Network, OptionsFor, Plugin, Vector } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { answerByTask, byTask } from "@everlearn/learning";

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

const refusal =
  'Learner independent needs task labels in training and at test; choose a scenario that grants them, such as "task-il".';

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
      for (const [task, own] of byTask(batch, refusal)) {
        turnTo(task);
        network.descend(own, alpha, limits);
      }
    },
    predict: (queries) =>
      answerByTask(queries, refusal, (task, own) => askedOf(parametersOf(task), () => network.predict(own))),
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
