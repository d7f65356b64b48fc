/** @import { Augmentation, OptionsOf, Plugin, Random, Size } from "@everlearn/contracts" */

const options = /** @type {const} */ ({
  probability: {
    type: "number",
    minimum: 0,
    maximum: 1,
    default: 0.1,
    description: "The probability with which a value is erased.",
  },
});

/**
 * Erases values at random, to begin with: each becomes 0 with some probability.
 * @param {OptionsOf<typeof options>} options
 * @param {Pick<Size, "shape" | "inputs"> & { random: Random }} parts
 * @returns {Augmentation}
 */
export function templateName({ probability }, { random }) {
  return {
    // Bytes stay bytes. Say `real: true` to compute with numbers, `atTest: true` for what queries are seen through too.
    apply(x, into) {
      for (let i = 0; i < x.length; i++) into[i] = random.uniform() < probability ? 0 : x[i];
    },
  };
}

/** @type {Plugin<"augmentation", typeof options>} */
const plugin = {
  kind: "augmentation",
  name: "template-name",
  contract: 2,
  description: "Erases values of inputs at random.",
  options,
  create: templateName,
};
export default plugin;
