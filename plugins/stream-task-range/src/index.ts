import { type OptionsFor, type Plugin, type Stream, withDefaults } from "@everlearn/contracts";
import { within } from "@everlearn/examples";

const options = {
  from: {
    type: "integer",
    minimum: 0,
    default: 0,
    description: "The first of the other stream's tasks that is shown, counted from 0.",
  },
  tasks: {
    type: "integer",
    minimum: 0,
    default: 0,
    description: "How many tasks are shown; 0: all that follow.",
  },
} as const;

/**
 * Some consecutive tasks of another stream, as if there were no others: options are tuned on the first ones, and the learner
 * is judged on the rest (Chaudhry et al. 2019). Tasks, experiences and classes are numbered anew.
 * @throws RangeError if the other stream has no such tasks, or an experience has tasks of both sides.
 */
export function taskRange(given: OptionsFor<typeof options>, { of: stream }: { of: Stream }): Stream {
  const { from, tasks: asked } = withDefaults(options, given);
  const tasks = asked || stream.tasks - from;
  if (tasks < 1 || from + tasks > stream.tasks)
    throw new RangeError(
      `task-range: the stream has ${stream.tasks} tasks, so there are no ${asked || ""} tasks from ${from} on; use a smaller "from"${asked ? " or fewer tasks" : ""}.`.replace(
        "  ",
        " ",
      ),
    );
  const isShown = (task: number): boolean => task >= from && task < from + tasks;
  const shown: number[] = [];
  for (let e = 0; e < stream.experiences; e++) {
    const examples = stream.train(e);
    const own = new Set(Array.from({ length: examples.length }, (_, i) => isShown(examples.task(i))));
    if (own.size === 2)
      throw new RangeError(
        `task-range: experience ${e} mixes tasks before and after ${from}; take the tasks of a stream in which each experience is of one task.`,
      );
    if (own.has(true)) shown.push(e);
  }
  const range = Array.from({ length: tasks }, (_, task) => stream.classesOf(from + task));
  const classes = [...new Set(range.flat())].toSorted((a, b) => a - b);
  const place = new Map(classes.map((c, i) => [c, i]));
  return {
    tasks,
    experiences: shown.length,
    boundaries: stream.boundaries,
    shape: stream.shape,
    classes: classes.length,
    classesOf: (task) => range[within(tasks, task, "task")].map((c) => place.get(c) as number),
    train(experience) {
      const examples = stream.train(shown[within(shown.length, experience, "experience")]);
      return {
        length: examples.length,
        label: (i) => examples.label(i),
        input: (i, into) => examples.input(i, into),
        task: (i) => examples.task(i) - from,
      };
    },
    test: (task) => stream.test(from + within(tasks, task, "task")),
  };
}

const plugin: Plugin<"stream", typeof options, "of"> = {
  kind: "stream",
  name: "task-range",
  contract: 2,
  description: "Some consecutive tasks of another stream, as if there were no others.",
  paper: "arXiv:1812.00420",
  options,
  needs: ["of"],
  create: taskRange,
};
export default plugin;
