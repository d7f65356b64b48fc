import type { Learner, Network, OptionsFor, Plugin, Term } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { softmax } from "@everlearn/softmax";

const options = {
  alpha: { type: "number", exclusiveMinimum: 0, description: "The learning rate α." },
  lambda: {
    type: "number",
    minimum: 0,
    default: 1,
    description: "The weight λ of each past task's distillation loss.",
  },
  temperature: {
    type: "number",
    exclusiveMinimum: 0,
    default: 2,
    description: "The temperature T at which old and new probabilities are compared.",
  },
} as const;

type Outputs = readonly number[];

/**
 * Learning without forgetting (Li & Hoiem 2016): one step per batch, on its loss plus the cross-entropy to what the network
 * as it was at the end of the last task answers to the same inputs, among past tasks' outputs.
 */
export function lwf(given: OptionsFor<typeof options>, { network }: { network: Network }): Learner {
  const { alpha, lambda, temperature } = withDefaults(options, given);
  const { theta } = network;
  const old = network.vector();
  let past: Outputs[] = []; // the lists of outputs to distil
  let heads: Outputs[] = []; // the distinct lists that examples came with so far
  let classes: number[] = []; // the classes of those without a list, ascending

  /** The logits of the network as it was at the end of the last task. */
  function oldLogits(batch: readonly Term[]): Float32Array {
    theta.swap(old);
    const logits = network.logits(batch);
    theta.swap(old);
    return logits;
  }

  return {
    observe(batch) {
      const terms: Term[] = batch.map((example) => ({ weight: 1 + past.length, ...example })); // so that the terms added below leave their mean as it is
      if (past.length > 0) {
        const logits = oldLogits(batch);
        const weight = lambda * temperature * temperature * (1 + past.length);
        batch.forEach(({ x }, i) => {
          const z = logits.subarray(i * network.outputs, (i + 1) * network.outputs);
          for (const outputs of past)
            terms.push({ x, outputs, probabilities: softmax(z, outputs, temperature), temperature, weight });
        });
      }
      network.descend(terms, alpha);
      for (const { y, outputs } of batch)
        if (!outputs) {
          if (!classes.includes(y)) classes = [...classes, y].sort((a, b) => a - b);
        } else if (!heads.some((head) => head === outputs || head.join() === outputs.join()))
          heads = [...heads, outputs];
    },
    endTask() {
      old.set(theta);
      past = classes.length > 0 ? [...heads, classes] : heads;
    },
    predict: (queries) => network.predict(queries),
    save: () => ({ old: old.toArray(), past, heads, classes }),
    load(state) {
      const saved = state as { old: Float32Array; past: Outputs[]; heads: Outputs[]; classes: number[] };
      old.fromArray(saved.old);
      ({ past, heads, classes } = saved);
    },
  };
}

const plugin: Plugin<"learner", typeof options, "network" | "boundaries"> = {
  kind: "learner",
  name: "lwf",
  contract: 2,
  description:
    "Learning without forgetting: on new inputs, the network is held to the old network's answers among old outputs.",
  paper: "arXiv:1606.09282",
  options,
  needs: ["network", "boundaries"],
  create: lwf,
};
export default plugin;
