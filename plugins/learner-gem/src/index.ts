import type { Buffer, Example, Learner, Network, OptionsFor, Plugin, Vector } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { byTask } from "@everlearn/learning";
import { minimum, QuadraticProgramError } from "./quadratic-program.js";

const options = {
  alpha: { type: "number", exclusiveMinimum: 0, description: "The learning rate α." },
  margin: {
    type: "number",
    minimum: 0,
    default: 0,
    description: "The least weight v of each past task's gradient in a corrected step: the paper's memory strength γ.",
  },
  ridge: {
    type: "number",
    minimum: 0,
    default: 0.001,
    description: "What is added to the diagonal of GGᵀ to make it positive definite; 0: nothing.",
  },
} as const;

const refusal = "GEM needs examples with task labels; choose a scenario that grants them in training.";

/**
 * Gradient Episodic Memory, Algorithm 1 of Lopez-Paz & Ranzato 2017: a step that, to first order, increases the loss on no
 * past task's examples. A task is past if the memory has examples of it and the current batch has none.
 */
export function gem(
  given: OptionsFor<typeof options>,
  { network, buffer: memory }: { network: Network; buffer: Buffer },
): Learner {
  const { alpha, margin, ridge } = withDefaults(options, given);
  const g = network.vector();
  const room: Vector[] = [];

  /** The memory's examples of each past task, tasks in ascending order. */
  function past(batch: readonly Example[]): Example[][] {
    const current = byTask(batch, refusal);
    const past = [...byTask(memory.all(), refusal)].filter(([task]) => !current.has(task));
    return past.toSorted(([a], [b]) => a - b).map(([, examples]) => examples);
  }

  /** g ← Gᵀv + g */
  function project(G: readonly Vector[], Gg: readonly number[]): void {
    const P = network.gram(G);
    for (let k = 0; k < G.length; k++) P[k * G.length + k] += ridge;
    minimum(P, Gg, margin).forEach((v, k) => g.add(G[k], v));
  }

  return {
    observe(batch) {
      for (const current of batch) memory.add(current);
      network.gradient(batch, g);
      const G: Vector[] = [];
      // Each product is computed while its gradient is in the caches, which have no room for those of many tasks.
      const Gg = past(batch).map((examples, k) => {
        G[k] = room[k] ??= network.vector();
        network.gradient(examples, G[k]);
        return G[k].dot(g);
      });
      if (Gg.some((product) => product < 0)) project(G, Gg);
      network.step(g, alpha);
    },
    predict: (queries) => network.predict(queries),
    save: () => null,
    load() {},
  };
}

const plugin: Plugin<"learner", typeof options, "network" | "buffer" | "taskLabels"> = {
  kind: "learner",
  name: "gem",
  contract: 2,
  description: "Gradient Episodic Memory: steps that increase the loss on no past task's examples.",
  paper: "arXiv:1706.08840",
  options,
  needs: ["network", "buffer", "taskLabels"],
  create: gem,
};
export default plugin;
export { QuadraticProgramError };
