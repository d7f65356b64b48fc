import type { Buffer, Example, Learner, Network, OptionsFor, Plugin, Random } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { taskOf } from "@everlearn/learning";

const options = {
  alpha: { type: "number", exclusiveMinimum: 0, description: "The learning rate α." },
  batch: {
    type: "integer",
    minimum: 1,
    description:
      "The size of the reference batch, drawn from the memory without replacement: all of it if it has fewer examples.",
  },
  reference: {
    type: "string",
    enum: ["past", "all"],
    default: "past",
    description: "Whether the reference batch is drawn from past tasks' examples only, or from the whole memory.",
  },
} as const;

const refusal =
  'A-GEM needs examples with task labels to tell past tasks; choose a scenario that grants them in training, or reference "all".';

/**
 * Averaged GEM, Eq. 11 of Chaudhry et al. 2019: a step that, to first order, does not increase the loss on a random batch
 * from the memory. A task is past if the memory has examples of it and the current batch has none.
 */
export function agem(
  given: OptionsFor<typeof options>,
  { network, buffer: memory, random }: { network: Network; buffer: Buffer; random: Random },
): Learner {
  const { alpha, batch: size, reference } = withDefaults(options, given);
  const g = network.vector();
  const r = network.vector();

  function referenceBatch(batch: readonly Example[]): Example[] {
    const current = new Set(reference === "past" ? batch.map((example) => taskOf(example, refusal)) : []);
    const all = memory.all();
    const held = current.size > 0 ? all.filter((example) => !current.has(taskOf(example, refusal))) : all;
    return Array.from(random.permutation(held.length, Math.min(size, held.length)), (i) => held[i]);
  }

  return {
    observe(batch) {
      network.gradient(batch, g);
      const drawn = referenceBatch(batch);
      if (drawn.length > 0) {
        network.gradient(drawn, r);
        const product = g.dot(r);
        if (product < 0) g.add(r, -product / r.dot(r)); // g ← g − (g·r / r·r) r
      }
      network.step(g, alpha);
      for (const current of batch) memory.add(current);
    },
    predict: (queries) => network.predict(queries),
    save: () => null,
    load() {},
  };
}

const plugin: Plugin<"learner", typeof options, "network" | "buffer" | "taskLabels"> = {
  kind: "learner",
  name: "agem",
  contract: 2,
  description: "Averaged GEM: steps that do not increase the loss on a random batch from the memory.",
  paper: "arXiv:1812.00420",
  options,
  needs: ({ reference }) => (reference === "past" ? ["network", "buffer", "taskLabels"] : ["network", "buffer"]),
  create: agem,
};
export default plugin;
