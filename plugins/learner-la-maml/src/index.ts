import type { Buffer, Learner, Network, OptionsFor, Plugin, Random } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { assertDraws } from "@everlearn/learning";
import { createLookAhead, learnedRates } from "@everlearn/look-ahead";

const options = {
  alpha0: { type: "number", exclusiveMinimum: 0, description: "The rate α₀ with which every parameter begins." },
  eta: { type: "number", exclusiveMinimum: 0, description: "The rate η with which the rates α are learnt." },
  replay: { type: "integer", minimum: 1, description: "The number of draws from the buffer that join each meta-loss." },
  glances: {
    type: "integer",
    minimum: 1,
    default: 1,
    description: "How often each batch of the stream is learnt from.",
  },
  clip: {
    type: "number",
    minimum: 0,
    default: 2,
    description: "The largest L2 norm of the meta-gradient, by the weights and by the rates; 0: no limit.",
  },
} as const;

/**
 * La-MAML of Gupta, Yadav & Paull 2020, first order: SGD from example to example of a batch B, with a rate α of each
 * parameter's own; the meta-loss along that trajectory, on B and draws from the buffer, teaches first the rates, which are
 * then the rates of the weights' own step.
 * @throws RangeError where the buffer can never hold `replay` examples.
 */
export function laMaml(
  given: OptionsFor<typeof options>,
  { network, buffer: memory, random }: { network: Network; buffer: Buffer; random: Random },
): Learner {
  const { alpha0, eta, replay, glances, clip } = withDefaults(options, given);
  assertDraws(memory, { replay });
  const rates = learnedRates(network, { alpha0, eta, clip }); // α
  const lookAhead = createLookAhead(network, { rates, clip });
  return {
    observe(batch) {
      for (let glance = 0; glance < glances; glance++) {
        const trajectory = Array.from(random.permutation(batch.length), (i) => batch[i]);
        const metaGradient = lookAhead(trajectory, [...memory.sample(replay), ...batch]); // ∇θ
        rates.learn(); // α ← relu(α − η ∇α)
        network.step(metaGradient, rates.alpha); // θ ← θ − α ⊙ ∇θ, with the rates just learned
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
  name: "la-maml",
  contract: 2,
  description:
    "Look-ahead MAML: meta-learned rates of every parameter, of the trajectory and of the weights; first order.",
  paper: "arXiv:2007.13904",
  options,
  needs: ["network", "buffer"],
  create: laMaml,
};
export default plugin;
