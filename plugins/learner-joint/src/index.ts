import type { Example, Learner, Network, OptionsFor, Plugin, Random } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";

const options = {
  alpha: { type: "number", exclusiveMinimum: 0, description: "The learning rate α." },
  k: { type: "integer", minimum: 1, description: "The batch size." },
  steps: { type: "integer", minimum: 1, description: "The number of SGD steps at the end of each task." },
  clip: {
    type: "number",
    minimum: 0,
    default: 0,
    description: "The largest L2 norm of a step's gradient; 0: no limit.",
  },
} as const;

/**
 * Joint training, the upper bound: keeps every example, and at the end of each task trains further on all of them, in
 * batches from one reshuffled pass after another.
 */
export function joint(
  given: OptionsFor<typeof options>,
  { network, random }: { network: Network; random: Random },
): Learner {
  const { alpha, k, steps, clip } = withDefaults(options, given);
  const limits = clip > 0 ? { clip } : {};
  let examples: Example[] = [];

  function* shuffled(): Generator<Example, never> {
    for (;;) for (const i of random.permutation(examples.length)) yield examples[i];
  }

  return {
    observe(batch) {
      examples.push(...batch);
    },
    endTask() {
      if (examples.length === 0) return;
      const draws = shuffled();
      for (let i = 0; i < steps; i++) {
        const batch = Array.from({ length: k }, () => draws.next().value);
        network.descend(batch, alpha, limits);
      }
    },
    predict: (queries) => network.predict(queries),
    save: () => [...examples],
    load(state) {
      examples = [...(state as Example[])];
    },
  };
}

const plugin: Plugin<"learner", typeof options, "network" | "boundaries"> = {
  kind: "learner",
  name: "joint",
  contract: 2,
  description:
    "Joint training, the upper bound: keeps every example and trains on all of them at the end of each task.",
  options,
  needs: ["network", "boundaries"],
  create: joint,
};
export default plugin;
