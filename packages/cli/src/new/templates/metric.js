/** @import { Metric, OptionsOf, Plugin } from "@everlearn/contracts" */

const options = /** @type {const} */ ({
  tasks: { type: "integer", minimum: 1, default: 1, description: "How many of the worst tasks it is the mean of." },
});

/**
 * The mean accuracy, after all training, on the tasks on which it is lowest.
 * @param {OptionsOf<typeof options>} options
 * @returns {Metric}
 */
export function templateName({ tasks }) {
  return ({ accuracy }) => {
    const last = accuracy[accuracy.length - 1].filter((a) => a !== null);
    const worst = last.sort((a, b) => a - b).slice(0, tasks);
    return worst.reduce((sum, a) => sum + a, 0) / worst.length;
  };
}

/** @type {Plugin<"metric", typeof options>} */
const plugin = {
  kind: "metric",
  name: "template-name",
  contract: 2,
  description: "The mean accuracy, after all training, on the tasks on which it is lowest.",
  options,
  create: templateName,
};
export default plugin;
