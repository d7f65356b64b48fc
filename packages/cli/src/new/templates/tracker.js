/** @import { OptionsFor, Plugin, Tracker } from "@everlearn/contracts" */
import { appendFileSync, existsSync } from "node:fs";
import { join } from "node:path";

const options = /** @type {const} */ ({
  separator: { type: "string", enum: [",", ";"], default: ",", description: "What stands between two values." },
});

/**
 * A line of `accuracy.csv` in the run's folder for each evaluation: the experience after which it came (empty: before
 * training), the number of examples so far, and the accuracy on each task (empty: not asked about).
 * @param {OptionsFor<typeof options>} options
 * @param {{ directory: string }} given
 * @returns {Tracker}
 */
export function templateName({ separator = "," }, { directory }) {
  const path = join(directory, "accuracy.csv");
  return {
    record(record) {
      if (record.type !== "evaluation") return;
      const { after, examples, accuracy } = record;
      if (!existsSync(path)) {
        const titles = ["after", "examples", ...accuracy.map((_, task) => `task ${task}`)];
        appendFileSync(path, `${titles.join(separator)}\n`);
      }
      appendFileSync(path, `${[after ?? "", examples, ...accuracy.map((a) => a ?? "")].join(separator)}\n`);
    },
  };
}

/** @type {Plugin<"tracker", typeof options>} */
const plugin = {
  kind: "tracker",
  name: "template-name",
  description: "A table of accuracies in the run's folder, as comma-separated values.",
  options,
  create: templateName,
};
export default plugin;
