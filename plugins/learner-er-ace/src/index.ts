import type { Buffer, Learner, Network, OptionsFor, Plugin } from "@everlearn/contracts";
import { assertDraws } from "@everlearn/learning";

const options = {
  alpha: { type: "number", exclusiveMinimum: 0, description: "The learning rate α." },
  replay: { type: "integer", minimum: 1, description: "The number of draws from the buffer for each batch." },
} as const;

/**
 * ER-ACE of Caccia et al. 2022, experience replay with asymmetric cross-entropy: one SGD step on the batch's mean loss among
 * the classes in the batch plus the draws' mean loss among all classes.
 * @throws RangeError if the buffer can never hold `replay` examples.
 */
export function erAce(
  { alpha, replay }: OptionsFor<typeof options>,
  { network, buffer: memory }: { network: Network; buffer: Buffer },
): Learner {
  assertDraws(memory, { replay });
  return {
    observe(batch) {
      const draws = memory.sample(replay);
      const present = [...new Set(batch.map(({ y }) => y))].toSorted((a, b) => a - b);
      const count = draws.length + batch.length; // what `descend` divides by
      network.descend(
        [
          ...draws.map((example) => ({ weight: count / draws.length, ...example })),
          ...batch.map(({ x, y, outputs }) => ({
            x,
            y,
            outputs: present.filter((c) => outputs?.includes(c) ?? true),
            weight: count / batch.length,
          })),
        ],
        alpha,
      );
      for (const current of batch) memory.add(current);
    },
    predict: (queries) => network.predict(queries),
    save: () => null,
    load() {},
  };
}

const plugin: Plugin<"learner", typeof options, "network" | "buffer"> = {
  kind: "learner",
  name: "er-ace",
  contract: 2,
  description: "Experience replay with asymmetric cross-entropy: the batch's loss is among the batch's own classes.",
  paper: "arXiv:2104.05025",
  options,
  needs: ["network", "buffer"],
  create: erAce,
};
export default plugin;
