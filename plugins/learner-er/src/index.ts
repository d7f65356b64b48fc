import type { Buffer, Learner, Network, OptionsFor, Plugin } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { assertDraws } from "@everlearn/learning";

const options = {
  alpha: { type: "number", exclusiveMinimum: 0, description: "The learning rate α." },
  k: { type: "integer", minimum: 1, description: "The batch size: the current example and k−1 draws from the buffer." },
  clip: {
    type: "number",
    minimum: 0,
    default: 0,
    description: "The largest L2 norm of a step's gradient; 0: no limit.",
  },
} as const;

/**
 * Experience replay, Algorithm 4 of Riemer et al. 2019: one SGD step on the mean loss of k−1 draws and the current
 * example. A stream that comes in batches makes one step on the draws and the whole batch.
 * @throws RangeError if the buffer can never hold k−1 examples.
 */
export function er(
  given: OptionsFor<typeof options>,
  { network, buffer: memory }: { network: Network; buffer: Buffer },
): Learner {
  const { alpha, k, clip } = withDefaults(options, given);
  assertDraws(memory, { k }, k - 1);
  const limits = clip > 0 ? { clip } : {};
  return {
    observe(batch) {
      network.descend([...memory.sample(k - 1), ...batch], alpha, limits);
      for (const current of batch) memory.add(current);
    },
    predict: (queries) => network.predict(queries),
    save: () => null,
    load() {},
  };
}

const plugin: Plugin<"learner", typeof options, "network" | "buffer"> = {
  kind: "learner",
  name: "er",
  contract: 2,
  description: "Experience replay, Algorithm 4: one step on the current example and k−1 draws from the buffer.",
  paper: "arXiv:1810.11910",
  options,
  needs: ["network", "buffer"],
  create: er,
};
export default plugin;
