/** @import { Buffer, Learner, Network, OptionsOf, Plugin } from "@everlearn/contracts" */

const options = /** @type {const} */ ({
  alpha: { type: "number", exclusiveMinimum: 0, description: "The learning rate." },
  k: {
    type: "integer",
    minimum: 1,
    default: 11,
    description: "How many examples a step is on: the current one and k − 1 draws from the buffer.",
  },
});

/**
 * Experience replay, to begin with: one step of SGD on the mean loss of k − 1 draws from the buffer and the current
 * example, which the buffer is offered afterwards.
 * @param {OptionsOf<typeof options>} options
 * @param {{ network: Network, buffer: Buffer }} parts
 * @returns {Learner}
 */
export function templateName({ alpha, k }, { network, buffer: memory }) {
  return {
    observe(batch) {
      network.descend([...memory.sample(k - 1), ...batch], alpha);
      for (const current of batch) memory.add(current);
    },
    predict: (queries) => network.predict(queries),
    // What later calls depend on; the run itself saves the network, the buffer and the generator.
    save: () => null,
    load() {},
  };
}

/** @type {Plugin<"learner", typeof options, "network" | "buffer">} */
const plugin = {
  kind: "learner",
  name: "template-name",
  contract: 2,
  description: "Experience replay: one step on the current example and draws from the buffer.",
  options,
  needs: ["network", "buffer"],
  create: templateName,
};
export default plugin;
