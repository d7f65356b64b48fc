import type { DifferentiableNetwork, Example, Learner, OptionsFor, Plugin } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";

const options = {
  alpha: { type: "number", exclusiveMinimum: 0, description: "The learning rate α." },
  lambda: {
    type: "number",
    minimum: 0,
    default: 1,
    description: "The strength λ of the penalty λ Σ Ω(θ − θ*)².",
  },
  n: {
    type: "integer",
    minimum: 0,
    default: 0,
    description:
      "How many of a task's first examples Ω is estimated from; they are kept until the task ends; 0: all of them.",
  },
} as const;

/**
 * Memory aware synapses (Aljundi et al. 2018): one step per batch, on its loss + λ Σ Ω(θ − θ*)², where Ω is how much the
 * squared length of the logits z depends on a weight, the mean of |∂‖z‖²/∂θ| over examples.
 */
export function mas(given: OptionsFor<typeof options>, { network }: { network: DifferentiableNetwork }): Learner {
  const { alpha, lambda, n } = withDefaults(options, given);
  const { theta } = network;
  const g = network.vector();
  const importance = network.vector(); // Ω
  const anchor = network.vector(); // θ*, where the last task ended
  let first: Example[] = [];

  /** ∂‖z‖²/∂z = 2z, over the outputs that the example comes with. */
  function slopes({ outputs }: Example, z: Float32Array): Float32Array {
    return z.map((value, o) => (outputs?.includes(o) === false ? 0 : 2 * value));
  }

  return {
    observe(batch) {
      first.push(...batch.slice(0, n === 0 ? batch.length : n - first.length));
      network.gradient(batch, g);
      g.addProduct(importance, theta, 2 * lambda); // + 2λ Ω(θ − θ*)
      g.addProduct(importance, anchor, -2 * lambda);
      network.step(g, alpha);
    },
    endTask() {
      for (const example of first) {
        network.backward([example], slopes(example, network.logits([example])), null, g);
        g.times(g);
        g.sqrt(); // |g|
        importance.add(g, 1 / first.length);
      }
      anchor.set(theta);
      first = [];
    },
    predict: (queries) => network.predict(queries),
    save: () => ({ importance: importance.toArray(), anchor: anchor.toArray(), first: [...first] }),
    load(state) {
      const saved = state as { importance: Float32Array; anchor: Float32Array; first: Example[] };
      importance.fromArray(saved.importance);
      anchor.fromArray(saved.anchor);
      first = [...saved.first];
    },
  };
}

const plugin: Plugin<"learner", typeof options, "backward" | "boundaries"> = {
  kind: "learner",
  name: "mas",
  contract: 2,
  description: "Memory aware synapses: the more the network's outputs depend on a weight, the more firmly it is held.",
  paper: "arXiv:1711.09601",
  options,
  needs: ["backward", "boundaries"],
  create: mas,
};
export default plugin;
