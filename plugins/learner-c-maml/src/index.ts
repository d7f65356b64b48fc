import type { Buffer, Learner, Network, OptionsFor, Plugin, Random } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { assertDraws } from "@everlearn/learning";
import { createLookAhead, fixedRate } from "@everlearn/look-ahead";

const options = {
  alpha0: { type: "number", exclusiveMinimum: 0, description: "The rate α₀ of the steps along the trajectory." },
  beta: {
    type: "number",
    exclusiveMinimum: 0,
    description: "The rate β at which the weights follow the meta-gradient.",
  },
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
    description: "The largest L2 norm of the meta-gradient; 0: no limit.",
  },
} as const;

/**
 * C-MAML of Gupta, Yadav & Paull 2020, first order. It looks ahead along SGD steps from one example of a batch B to the
 * next, at a fixed rate α₀; the weights then follow the mean gradient, along that trajectory, of the loss on B and draws
 * from the buffer.
 * @throws RangeError if the buffer can never hold `replay` examples.
 */
export function cMaml(
  given: OptionsFor<typeof options>,
  { network, buffer: memory, random }: { network: Network; buffer: Buffer; random: Random },
): Learner {
  const { alpha0, beta, replay, glances, clip } = withDefaults(options, given);
  assertDraws(memory, { replay });
  const lookAhead = createLookAhead(network, { rates: fixedRate(alpha0), clip });
  return {
    observe(batch) {
      for (let glance = 0; glance < glances; glance++) {
        const trajectory = Array.from(random.permutation(batch.length), (i) => batch[i]);
        const metaGradient = lookAhead(trajectory, [...memory.sample(replay), ...batch]); // ∇θ
        network.step(metaGradient, beta); // θ ← θ − β ∇θ
        if (glance === 0) for (const example of trajectory) memory.add(example);
      }
    },
    predict: (queries) => network.predict(queries),
    save: () => null,
    load() {},
  };
}

const plugin: Plugin<"learner", typeof options, "network" | "buffer"> = {
  kind: "learner",
  name: "c-maml",
  contract: 2,
  description: "Continual MAML: a meta-gradient along a fast trajectory over the current batch, first order.",
  paper: "arXiv:2007.13904",
  options,
  needs: ["network", "buffer"],
  create: cMaml,
};
export default plugin;
