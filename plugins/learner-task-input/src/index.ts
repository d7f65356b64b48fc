import type { Learner, Network, OptionsFor, Plugin, Query, Vector } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";

const options = {
  alpha: { type: "number", exclusiveMinimum: 0, description: "The learning rate α." },
  warmStart: {
    type: "boolean",
    default: false,
    description:
      "Whether a new task's input layer begins where the one before it was left, or else where the first one began.",
  },
  clip: {
    type: "number",
    minimum: 0,
    default: 0,
    description: "The largest L2 norm of a step's gradient; 0: no limit.",
  },
} as const;

/**
 * An input layer for each task, all other layers shared: the multimodal baseline of Lopez-Paz & Ranzato 2017, "task
 * input" of Riemer et al. 2019. θ holds the input layer of the task at hand; the other tasks' are put away.
 */
export function taskInput(given: OptionsFor<typeof options>, { network }: { network: Network }): Learner {
  const { alpha, warmStart, clip } = withDefaults(options, given);
  const limits = clip > 0 ? { clip } : {};
  const {
    theta,
    layers: [size],
  } = network;
  const filled = (inInputLayer: number, elsewhere: number): Vector => {
    const vector = network.vector();
    vector.fromArray(vector.toArray().fill(elsewhere).fill(inInputLayer, 0, size));
    return vector;
  };
  const mask = filled(1, 0);
  const rest = filled(0, 1);
  const away = new Map<number, Vector>(); // input layers, 0 elsewhere, by task; the current one's waits until it is left
  const initial = network.vector();
  initial.addProduct(theta, mask);
  const present = network.vector();
  const shared = network.vector();
  let current: number | undefined;

  /** The input layer that θ has to have for a task; undefined: the one that it has. */
  function layerOf(task: number): Vector | undefined {
    if (task === current) return undefined;
    return away.get(task) ?? (warmStart ? undefined : initial);
  }

  function putAway(task: number): void {
    const layer = away.get(task) ?? network.vector();
    layer.set(theta);
    layer.times(mask);
    away.set(task, layer);
  }

  function turnTo(task: number): void {
    const layer = layerOf(task);
    if (current !== undefined && task !== current) putAway(current);
    if (layer) {
      theta.times(rest);
      theta.add(layer); // exact: each sum has a 0
    }
    current = task;
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
      present.set(theta);
      shared.set(theta);
      shared.times(rest);
      try {
        for (const [task, places] of byTask(queries)) {
          const layer = layerOf(task);
          theta.set(layer ? shared : present);
          if (layer) theta.add(layer);
          const some = network.predict(places.map((i) => queries[i]));
          places.forEach((i, j) => (answers[i] = some[j]));
        }
      } finally {
        theta.set(present);
      }
      return answers;
    },
    save: () => ({
      current: current ?? null,
      initial: initial.toArray().slice(0, size),
      away: [...away]
        .filter(([task]) => task !== current)
        .map(([task, layer]) => ({ task, layer: layer.toArray().slice(0, size) })),
    }),
    load(state) {
      const saved = state as {
        current: number | null;
        initial: Float32Array;
        away: readonly { task: number; layer: Float32Array }[];
      };
      const put = (values: Float32Array, into: Vector): void => {
        const all = new Float32Array(into.toArray().length);
        all.set(values);
        into.fromArray(all);
      };
      current = saved.current ?? undefined;
      put(saved.initial, initial);
      away.clear();
      for (const { task, layer } of saved.away) {
        const vector = network.vector();
        put(layer, vector);
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
        'Learner task-input needs task labels in training and at test; choose a scenario that grants them, such as "task-il".',
      );
    const others = places.get(task);
    if (others) others.push(i);
    else places.set(task, [i]);
  });
  return places;
}

const plugin: Plugin<"learner", typeof options, "network" | "testTaskLabels"> = {
  kind: "learner",
  name: "task-input",
  contract: 2,
  description: "An input layer for each task, all other layers shared.",
  paper: "arXiv:1706.08840",
  options,
  needs: ["network", "testTaskLabels"],
  create: taskInput,
};
export default plugin;
