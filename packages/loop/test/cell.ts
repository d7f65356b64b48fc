import type { Budget, Cell } from "@everlearn/composition";
import { referenceNetwork, toyBuffer, toyDataset, toyScenario, toyStream } from "@everlearn/conformance";
import type { Example, Learner, Metric, Network, Query, Scenario, Stateful, Stream } from "@everlearn/contracts";
import { digest } from "@everlearn/digest";
import { random } from "@everlearn/random";

export interface ToyOptions {
  readonly seed?: number;
  /** Equal options and "specs" make equal cells. */
  readonly spec?: string;
  readonly budget?: Budget;
  readonly batchSize?: number;
  readonly tasks?: number;
  /** The task of each experience; by default each task once, in order. */
  readonly order?: readonly number[];
  /** One experience without boundaries: the tasks' examples in turns. */
  readonly mixed?: boolean;
  readonly evaluation?: Partial<Cell["evaluation"]>;
  /** Training examples of each task, and test examples. */
  readonly train?: number;
  readonly test?: number;
  readonly taskLabels?: Scenario["taskLabels"];
  /** Whether the learner is told where tasks end; by default where it gets task labels. */
  readonly boundaries?: boolean;
  readonly metrics?: Readonly<Record<string, Metric>>;
  /** Called before the learner's `observe` with the number of examples that it has seen in this process. */
  readonly beforeObserve?: (batch: readonly Example[], seen: number) => void;
  /** Called before the learner's `predict` with the number of calls before this one. */
  readonly beforePredict?: (queries: readonly Query[], calls: number) => void;
  readonly beforeEndTask?: (seen: number) => void;
  /** Stands in for the answers. */
  readonly answer?: (queries: readonly Query[]) => Uint16Array;
}

/** The tasks' examples task by task in this order, or in turns. */
export function toyExperiences(
  base: Stream,
  order: readonly number[] = Array.from({ length: base.tasks }, (_, task) => task),
  mixed = false,
): Stream {
  const places = (task: number) => Array.from({ length: base.train(task).length }, (_, i) => ({ task, i }));
  const all = order.map(places);
  const experiences = mixed ? [all[0].flatMap((_, i) => all.map((one) => one[i]))] : all;
  return {
    ...base,
    experiences: experiences.length,
    boundaries: !mixed,
    train(experience) {
      const chosen = experiences[experience];
      return {
        length: chosen.length,
        task: (i) => chosen[i].task,
        label: (i) => base.train(chosen[i].task).label(chosen[i].i),
        input: (i, into) => base.train(chosen[i].task).input(chosen[i].i, into),
      };
    },
  };
}

/** A run that takes milliseconds: replay on two examples, and a number that decays, so that all its state matters. */
export function toyCell(options: ToyOptions = {}): Cell & { readonly network: Network } {
  const { seed = 0, spec: text = "toy", batchSize = 1, tasks = 3, train = 20, test = 32 } = options;
  const { taskLabels = "never", metrics = {} } = options;
  const dataset = toyDataset({ train, test });
  const [streamRandom, bufferRandom, learnerRandom] = ["stream", "buffer", "learner"].map((name) => random(seed, name));
  const base = toyStream({ tasks }, { dataset, random: streamRandom });
  const stream = toyExperiences(base, options.order, options.mixed);
  const scenario = toyScenario({ taskLabels }, { stream });
  const network = referenceNetwork(
    { hidden: 5 },
    { inputs: 16, outputs: scenario.outputs, random: random(seed, "network") },
  );
  const buffer = toyBuffer({ capacity: 9 }, { random: bufferRandom });
  let rate = 0.2;
  let [seen, calls, gradients] = [0, 0, 0];
  let loss: number | undefined;
  const learner: Learner = {
    observe(batch) {
      options.beforeObserve?.(batch, seen);
      seen += batch.length;
      const terms = [...batch, ...buffer.sample(2)];
      gradients += terms.length;
      loss = network.descend(terms, rate * (1 + learnerRandom.uniform()));
      for (const example of batch) buffer.add(example);
      rate *= 0.99;
    },
    endTask() {
      options.beforeEndTask?.(seen);
      rate = 0.2;
    },
    predict(queries) {
      options.beforePredict?.(queries, calls++);
      return options.answer?.(queries) ?? network.predict(queries);
    },
    save: () => rate,
    load(state) {
      rate = state as number;
    },
  };
  const counted: Stateful = {
    save: () => gradients,
    load(state) {
      gradients = state as number;
    },
  };
  const protocol = options.budget ? { protocol: { budget: options.budget } } : {};
  const choice = { use: "toy" };
  const parts = { dataset: choice, stream: choice, scenario: choice, learner: { ...choice, text } };
  const spec = { name: "toy", seeds: [seed], description: "", ...parts, ...protocol } as unknown as Cell["spec"];
  const specId = digest({ text, batchSize });
  return {
    name: "toy",
    seed,
    spec,
    plugins: { learner: { name: "toy", package: "toy", version: "1.0.0" } },
    checksum: "toy",
    specId,
    cellId: digest({ specId, seed }),
    batchSize,
    evaluation: { tasks: "all", every: 0, examples: 0, ...options.evaluation },
    gradients: () => gradients,
    loss: () => loss,
    stream,
    scenario,
    boundaries: options.boundaries ?? (stream.boundaries && taskLabels !== "never"),
    network,
    learner,
    buffer,
    metrics,
    parts: {
      network,
      buffer,
      learner,
      gradients: counted,
      "random-buffer": bufferRandom,
      "random-learner": learnerRandom,
    },
    dispose: async () => {},
  };
}
