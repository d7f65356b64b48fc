import type { Example, Learner, Network, OptionsFor, Plugin } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { softmax } from "@everlearn/softmax";

const options = {
  alpha: { type: "number", exclusiveMinimum: 0, description: "The learning rate α." },
  lambda: { type: "number", minimum: 0, description: "The strength λ of the penalty λ Σ F(θ − θ*)²." },
  n: {
    type: "integer",
    minimum: 1,
    default: 10,
    description: "How many of a task's first examples F is estimated from; they are kept until the task ends.",
  },
  fisher: {
    type: "string",
    enum: ["batch", "empirical", "exact"],
    default: "batch",
    description:
      "Whose squared gradient F is: the examples' mean loss (as in the released code), each example's loss, or the loss of each possible answer, weighted by its probability.",
  },
} as const;

/** Chooses batches and their weights; F is the weighted sum of the batches' squared gradients. */
type Estimate = (
  examples: readonly Example[],
  network: Network,
) => readonly (readonly [batch: readonly Example[], weight: number])[];

const estimates: Record<"batch" | "empirical" | "exact", Estimate> = {
  batch: (examples) => [[examples, 1]],
  empirical: (examples) => examples.map((example) => [[example], 1 / examples.length]),
  exact: (examples, network) =>
    examples.flatMap((example) => {
      const answers = [...softmax(network.logits([example]), example.outputs).entries()];
      const possible = answers.filter(([, p]) => p > 0);
      return possible.map(([y, p]) => [[{ ...example, y }], p / examples.length] as const);
    }),
};

/** Elastic weight consolidation (Kirkpatrick et al. 2017): one step per batch, on its loss + λ Σ_past Σ F(θ − θ*)². */
export function ewc(given: OptionsFor<typeof options>, { network }: { network: Network }): Learner {
  const { alpha, lambda, n, fisher } = withDefaults(options, given);
  const { theta } = network;
  const g = network.vector();
  const importance = network.vector(); // Σ F
  const anchor = network.vector(); // Σ F ⊙ θ*
  const f = network.vector(); // F of a task
  let first: Example[] = [];
  return {
    observe(batch) {
      first.push(...batch.slice(0, n - first.length));
      network.gradient(batch, g);
      g.addProduct(importance, theta, 2 * lambda); // + 2λ Σ F(θ − θ*)
      g.add(anchor, -2 * lambda);
      network.step(g, alpha);
    },
    endTask() {
      f.times(0);
      for (const [batch, weight] of estimates[fisher](first, network)) {
        network.gradient(batch, g);
        f.addProduct(g, g, weight);
      }
      importance.add(f);
      anchor.addProduct(f, theta);
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

const plugin: Plugin<"learner", typeof options, "network" | "boundaries"> = {
  kind: "learner",
  name: "ewc",
  contract: 2,
  description:
    "Elastic weight consolidation: the more past tasks' losses depend on a weight, the more firmly it is held.",
  paper: "arXiv:1612.00796",
  options,
  needs: ["network", "boundaries"],
  create: ewc,
};
export default plugin;
