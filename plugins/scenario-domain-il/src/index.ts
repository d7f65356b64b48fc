import type { OptionsFor, Plugin, Scenario, Stream } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";

const options = {
  taskLabels: {
    type: "string",
    enum: ["never", "training"],
    default: "never",
    description: "Whether training examples carry their task's number; test examples never do.",
  },
  boundaries: {
    type: "boolean",
    default: true,
    description: "Whether a learner that needs boundaries may be told where tasks end.",
  },
} as const;

/**
 * Domain-incremental learning (van de Ven, Tuytelaars & Tolias 2022): all tasks share the same output units, a class's
 * unit is its place within its task, and nothing tells at test which task a query is from.
 */
export function domainIl(given: OptionsFor<typeof options>, { stream }: { stream: Stream }): Scenario {
  const { taskLabels, boundaries } = withDefaults(options, given);
  let outputs = 0;
  for (let task = 0; task < stream.tasks; task++) outputs = Math.max(outputs, stream.classesOf(task).length);
  return {
    taskLabels,
    boundaries,
    outputs,
    example: taskLabels === "training" ? (task, x, y) => ({ x, y, task }) : (_task, x, y) => ({ x, y }),
    query: (_task, x) => ({ x }),
    answer: (_task, label) => label,
  };
}

const plugin: Plugin<"scenario", typeof options> = {
  kind: "scenario",
  name: "domain-il",
  contract: 2,
  description: "Domain-incremental learning: the same outputs for every task, no task label at test.",
  paper: "10.1038/s42256-022-00568-3",
  options,
  create: domainIl,
};
export default plugin;
