import type { Buffer, Learner, Network, OptionsFor, Plugin } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { assertDraws } from "@everlearn/learning";

const options = {
  alpha: { type: "number", exclusiveMinimum: 0, description: "The learning rate α of every SGD step." },
  beta: { type: "number", exclusiveMinimum: 0, default: 1, description: "The within-batch meta-learning rate β." },
  gamma: { type: "number", exclusiveMinimum: 0, default: 1, description: "The across-batch meta-learning rate γ." },
  s: { type: "integer", minimum: 1, description: "The number of batches for each example of the stream." },
  k: { type: "integer", minimum: 1, description: "The batch size: the current example and k−1 draws from the buffer." },
  clip: {
    type: "number",
    minimum: 0,
    default: 0,
    description: "The largest L2 norm of a step's gradient; 0: no limit.",
  },
} as const;

/**
 * Meta-Experience Replay, Algorithm 1 of Riemer et al. 2019.
 * @throws RangeError if the buffer can never hold k−1 examples.
 */
export function mer(
  given: OptionsFor<typeof options>,
  { network, buffer: memory }: { network: Network; buffer: Buffer },
): Learner {
  const { alpha, beta, gamma, s, k, clip } = withDefaults(options, given);
  assertDraws(memory, { k }, k - 1);
  const limits = clip > 0 ? { clip } : {};
  const { theta } = network;
  const before = network.vector(); // A
  const within = network.vector(); // W
  return {
    observe(batch) {
      for (const current of batch) {
        before.set(theta);
        within.set(theta);
        for (let i = 0; i < s; i++) {
          for (const example of [current, ...memory.sample(k - 1)]) network.descend([example], alpha, limits);
          theta.lerpBoth(within, beta); // θ ← W + β(θ − W), and W ← θ for the next batch
        }
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
  name: "mer",
  contract: 2,
  description:
    "Meta-Experience Replay, Algorithm 1: interpolation within and across batches of single replayed examples.",
  paper: "arXiv:1810.11910",
  options,
  needs: ["network", "buffer"],
  create: mer,
};
export default plugin;
