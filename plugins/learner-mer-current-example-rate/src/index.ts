import type { Buffer, Learner, Network, OptionsFor, Plugin, Random } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { assertDraws } from "@everlearn/learning";

const options = {
  alpha: { type: "number", exclusiveMinimum: 0, description: "The learning rate α of the draws' SGD steps." },
  gamma: { type: "number", exclusiveMinimum: 0, default: 1, description: "The across-batch meta-learning rate γ." },
  k: { type: "integer", minimum: 1, description: "The batch size: the current example and k−1 draws from the buffer." },
  s: { type: "number", exclusiveMinimum: 0, description: "The current example's learning rate, as a multiple of α." },
  variant: {
    type: "string",
    enum: ["paper", "released"],
    default: "paper",
    description: 'MER\'s "released" code keeps the very first example without learning from it.',
  },
  clip: {
    type: "number",
    minimum: 0,
    default: 0,
    description: "The largest L2 norm of a step's gradient; 0: no limit.",
  },
} as const;

/**
 * Meta-Experience Replay with a learning rate for the current example, Algorithm 7 of Riemer et al. 2019.
 * @throws RangeError if the buffer can never hold k−1 examples.
 */
export function merCurrentExampleRate(
  given: OptionsFor<typeof options>,
  { network, buffer: memory, random }: { network: Network; buffer: Buffer; random: Random },
): Learner {
  const { alpha, gamma, k, s, variant, clip } = withDefaults(options, given);
  assertDraws(memory, { k }, k - 1);
  const limits = clip > 0 ? { clip } : {};
  const { theta } = network;
  const before = network.vector(); // A
  return {
    observe(batch) {
      for (const current of batch) {
        if (variant === "paper" || memory.size > 0) {
          before.set(theta);
          const draws = memory.sample(k - 1);
          for (const place of random.permutation(draws.length + 1)) {
            // An equal example may be among the draws, so the current one is known by its place, the last.
            if (place === draws.length) network.descend([current], s * alpha, limits);
            else network.descend([draws[place]], alpha, limits);
          }
          theta.lerp(before, gamma); // θ ← A + γ(θ − A)
        }
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
  name: "mer-current-example-rate",
  contract: 2,
  description: "Meta-Experience Replay, Algorithm 7: one pass in random order, the current example with rate s·α.",
  paper: "arXiv:1810.11910",
  options,
  needs: ["network", "buffer"],
  create: merCurrentExampleRate,
};
export default plugin;
