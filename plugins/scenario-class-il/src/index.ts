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
 * Class-incremental learning (van de Ven, Tuytelaars & Tolias 2022): every class of the stream has an output unit of its
 * own, and the answer is sought among all of them, those of tasks still to come included.
 */
export function classIl(given: OptionsFor<typeof options>, { stream }: { stream: Stream }): Scenario {
  const { taskLabels, boundaries } = withDefaults(options, given);
  const classes = Array.from({ length: stream.tasks }, (_, task) => stream.classesOf(task));
  const answer = (task: number, label: number): number => classes[task][label];
  return {
    taskLabels,
    boundaries,
    outputs: stream.classes,
    example:
      taskLabels === "training"
        ? (task, x, label) => ({ x, y: answer(task, label), task })
        : (task, x, label) => ({ x, y: answer(task, label) }),
    query: (_task, x) => ({ x }),
    answer,
  };
}

const plugin: Plugin<"scenario", typeof options> = {
  kind: "scenario",
  name: "class-il",
  contract: 2,
  description:
    "Class-incremental learning: the answer is sought among all classes of all tasks, no task label at test.",
  paper: "10.1038/s42256-022-00568-3",
  options,
  create: classIl,
};
export default plugin;
