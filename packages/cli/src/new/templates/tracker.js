/** @import { OptionsOf, Plugin, Tracker } from "@everlearn/contracts" */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

const options = /** @type {const} */ ({
  separator: { type: "string", enum: [",", ";"], default: ",", description: "What stands between two values." },
});

/**
 * A line of `accuracy.csv` in the run's folder for each evaluation: the experience after which it came (empty: before
 * training), the number of examples so far, and the accuracy on each task (empty: not asked about).
 * @param {OptionsOf<typeof options>} options
 * @returns {Tracker}
 */
export function templateName({ separator }) {
  return {
    async sync(runs) {
      for (const { directory, records } of runs) {
        const rows = records.filter((record) => record.type === "evaluation");
        const titles = ["after", "examples", ...(rows[0]?.accuracy ?? []).map((_, task) => `task ${task}`)];
        const values = rows.map((row) => [row.after ?? "", row.examples, ...row.accuracy.map((a) => a ?? "")]);
        const lines = [titles, ...values].map((line) => `${line.join(separator)}\n`);
        // Written whole each time: however often it is called, the table says what the journal says.
        writeFileSync(join(directory, "accuracy.csv"), lines.join(""));
      }
      return { pending: 0 };
    },
  };
}

/** @type {Plugin<"tracker", typeof options>} */
const plugin = {
  kind: "tracker",
  name: "template-name",
  contract: 2,
  description: "A table of accuracies in the run's folder, as comma-separated values.",
  options,
  create: templateName,
};
export default plugin;
