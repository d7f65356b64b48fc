/** @import { OptionsOf, Plugin, Scenario, Stream } from "@everlearn/contracts" */

const options = /** @type {const} */ ({
  taskLabels: {
    type: "string",
    enum: ["never", "training", "always"],
    default: "always",
    description: "When examples carry their task's number: never, in training only, or at test too.",
  },
});

/**
 * One set of outputs for all tasks, in which a class's output is its place within its task, and the task's number told.
 * @param {OptionsOf<typeof options>} options
 * @param {{ stream: Stream }} parts
 * @returns {Scenario}
 */
export function templateName({ taskLabels }, { stream }) {
  let outputs = 0;
  for (let task = 0; task < stream.tasks; task++) outputs = Math.max(outputs, stream.classesOf(task).length);
  return {
    taskLabels,
    outputs,
    example: (task, x, label) => (taskLabels === "never" ? { x, y: label } : { x, y: label, task }),
    query: (task, x) => (taskLabels === "always" ? { x, task } : { x }),
    answer: (_task, label) => label,
  };
}

/** @type {Plugin<"scenario", typeof options>} */
const plugin = {
  kind: "scenario",
  name: "template-name",
  contract: 2,
  description: "The same outputs for all tasks, whose numbers are told.",
  options,
  create: templateName,
};
export default plugin;
