import type { Buffer, Learner, Network, OptionsFor, Plugin } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { assertDraws } from "@everlearn/learning";

const options = {
  alpha: { type: "number", exclusiveMinimum: 0, description: "The learning rate α of every SGD step." },
  gamma: { type: "number", exclusiveMinimum: 0, default: 1, description: "The across-batch meta-learning rate γ." },
  k: { type: "integer", minimum: 1, description: "The batch size: the current example and k−1 draws from the buffer." },
  clip: {
    type: "number",
    minimum: 0,
    default: 0,
    description: "The largest L2 norm of a step's gradient; 0: no limit.",
  },
} as const;

/**
 * Meta-Experience Replay with one big batch, Algorithm 6 of Riemer et al. 2019.
 * @throws RangeError if the buffer can never hold k−1 examples.
 */
export function merOneBigBatch(
  given: OptionsFor<typeof options>,
  { network, buffer: memory }: { network: Network; buffer: Buffer },
): Learner {
  const { alpha, gamma, k, clip } = withDefaults(options, given);
  assertDraws(memory, { k }, k - 1);
  const limits = clip > 0 ? { clip } : {};
  const { theta } = network;
  const before = network.vector(); // A
  return {
    observe(batch) {
      for (const current of batch) {
        before.set(theta);
        for (const example of [...memory.sample(k - 1), current]) network.descend([example], alpha, limits);
        theta.lerp(before, gamma); // θ ← A + γ(θ − A)
        memory.add(current);
      }
    },
    predict: (queries) => network.predict(queries),
    save: () => null,
    load() {},
  };
}

const plugin: Plugin<"learner", typeof options, "network" | "buffer"> = {
  kind: "learner",
  name: "mer-one-big-batch",
  contract: 2,
  description: "Meta-Experience Replay, Algorithm 6: one pass over one batch, the current example last.",
  paper: "arXiv:1810.11910",
  options,
  needs: ["network", "buffer"],
  create: merOneBigBatch,
};
export default plugin;
