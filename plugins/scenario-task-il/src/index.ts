import type { OptionsFor, Plugin, Scenario, Stream } from "@everlearn/contracts";

const options = {} as const;

/**
 * Task-incremental learning (van de Ven, Tuytelaars & Tolias 2022): every class of the stream has an output unit of its
 * own, and each example and query carries its task's number and the units of its task, among which the answer is sought.
 */
export function taskIl(_options: OptionsFor<typeof options>, { stream }: { stream: Stream }): Scenario {
  const classes = Array.from({ length: stream.tasks }, (_, task) => stream.classesOf(task));
  const heads = classes.map((units) => units.toSorted((a, b) => a - b)); // one array a task, shared by its examples
  const answer = (task: number, label: number): number => classes[task][label];
  return {
    taskLabels: "always",
    outputs: stream.classes,
    example: (task, x, label) => ({ x, y: answer(task, label), task, outputs: heads[task] }),
    query: (task, x) => ({ x, task, outputs: heads[task] }),
    answer,
  };
}

const plugin: Plugin<"scenario", typeof options> = {
  kind: "scenario",
  name: "task-il",
  description:
    "Task-incremental learning: the task label is given, at test too; the answer is sought among the task's classes.",
  paper: "10.1038/s42256-022-00568-3",
  options,
  create: taskIl,
};
export default plugin;
