/** @import { Network, Optimizer, OptionsOf, Plugin } from "@everlearn/contracts" */

const options = /** @type {const} */ ({
  momentum: {
    type: "number",
    minimum: 0,
    exclusiveMaximum: 1,
    default: 0.9,
    description: "What of the velocity is left after a step.",
  },
});

/**
 * Momentum (Polyak 1964), to begin with: v ← momentum · v + gradient, θ ← θ − rate · v.
 * @param {OptionsOf<typeof options>} options
 * @param {Pick<Network, "vector">} parts
 * @returns {Optimizer}
 */
export function templateName({ momentum }, { vector }) {
  const v = vector();
  return {
    update(theta, gradient, rate) {
      v.times(momentum);
      v.add(gradient);
      if (typeof rate === "number") theta.add(v, -rate);
      else theta.addProduct(rate, v, -1); // a rate for each parameter
    },
    save: () => v.toArray(),
    load: (state) => v.fromArray(/** @type {Float32Array} */ (state)),
  };
}

/** @type {Plugin<"optimizer", typeof options>} */
const plugin = {
  kind: "optimizer",
  name: "template-name",
  contract: 2,
  description: "Momentum: steps along a decaying sum of gradients.",
  paper: "Polyak 1964",
  options,
  create: templateName,
};
export default plugin;
