import type { OptionsFor, Plugin, Scenario, Stream } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";

const options = {
  heads: {
    type: "string",
    enum: ["separate", "shared"],
    default: "separate",
    description: "Whether each task has output units of its own, or all tasks share the same.",
  },
} as const;

/**
 * Task-incremental learning (van de Ven, Tuytelaars & Tolias 2022): each example and query carries its task's number and
 * the output units of its task, among which the answer is sought. With separate heads every class of the stream has a
 * unit of its own; with a shared one a class's unit is its place within its task.
 */
export function taskIl(given: OptionsFor<typeof options>, { stream }: { stream: Stream }): Scenario {
  const { heads } = withDefaults(options, given);
  const classes = Array.from({ length: stream.tasks }, (_, task) => stream.classesOf(task));
  const units = heads === "separate" ? classes : classes.map((own) => own.map((_, place) => place));
  const ascending = units.map((own) => own.toSorted((a, b) => a - b)); // one array a task, shared by its examples
  const answer = (task: number, label: number): number => units[task][label];
  return {
    taskLabels: "always",
    outputs: heads === "separate" ? stream.classes : Math.max(...units.map(({ length }) => length)),
    example: (task, x, label) => ({ x, y: answer(task, label), task, outputs: ascending[task] }),
    query: (task, x) => ({ x, task, outputs: ascending[task] }),
    answer,
  };
}

const plugin: Plugin<"scenario", typeof options> = {
  kind: "scenario",
  name: "task-il",
  contract: 2,
  description:
    "Task-incremental learning: the task label is given, at test too; the answer is sought among the task's classes.",
  paper: "10.1038/s42256-022-00568-3",
  options,
  create: taskIl,
};
export default plugin;
