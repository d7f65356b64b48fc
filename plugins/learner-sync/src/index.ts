import type { Buffer, Learner, Network, OptionsFor, Plugin, Random } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { assertDraws } from "@everlearn/learning";
import { createLookAhead, learnedRates } from "@everlearn/look-ahead";

const options = {
  alpha0: { type: "number", exclusiveMinimum: 0, description: "The rate α₀ that every parameter begins with." },
  beta: {
    type: "number",
    exclusiveMinimum: 0,
    description: "The rate β at which the weights follow the meta-gradient.",
  },
  eta: { type: "number", exclusiveMinimum: 0, description: "The rate η at which the rates α are learned." },
  replay: { type: "integer", minimum: 1, description: "The number of draws from the buffer in each meta-batch." },
  glances: {
    type: "integer",
    minimum: 1,
    default: 1,
    description: "How many times each batch of the stream is learned from.",
  },
  clip: {
    type: "number",
    minimum: 0,
    default: 2,
    description: "The largest L2 norm of each meta-gradient, that of the weights and that of the rates; 0: no limit.",
  },
} as const;

/**
 * Sync La-MAML of Gupta, Yadav & Paull 2020, first order. It looks ahead along SGD steps from one example of a batch B to
 * the next, with a learned rate α for each parameter. The meta-loss along that trajectory, on B and draws from the buffer,
 * updates both the weights, at a fixed rate β, and the rates.
 * @throws RangeError if the buffer can never hold `replay` examples.
 */
export function sync(
  given: OptionsFor<typeof options>,
  { network, buffer: memory, random }: { network: Network; buffer: Buffer; random: Random },
): Learner {
  const { alpha0, beta, eta, replay, glances, clip } = withDefaults(options, given);
  assertDraws(memory, { replay });
  const rates = learnedRates(network, { alpha0, eta, clip }); // α
  const lookAhead = createLookAhead(network, { rates, clip });
  return {
    observe(batch) {
      for (let glance = 0; glance < glances; glance++) {
        const trajectory = Array.from(random.permutation(batch.length), (i) => batch[i]);
        const metaGradient = lookAhead(trajectory, [...memory.sample(replay), ...batch]); // ∇θ
        network.step(metaGradient, beta); // θ ← θ − β ∇θ
        rates.learn(); // α ← relu(α − η ∇α)
        if (glance === 0) for (const example of trajectory) memory.add(example);
      }
    },
    predict: (queries) => network.predict(queries),
    save: () => rates.save(),
    load: (state) => rates.load(state),
  };
}

const plugin: Plugin<"learner", typeof options, "network" | "buffer"> = {
  kind: "learner",
  name: "sync",
  contract: 2,
  description: "Sync La-MAML: weights and per-parameter learning rates updated together, first order.",
  paper: "arXiv:2007.13904",
  options,
  needs: ["network", "buffer"],
  create: sync,
};
export default plugin;
