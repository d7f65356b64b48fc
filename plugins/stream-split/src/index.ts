import type { Dataset, Examples, OptionsFor, Plugin, Random, Stream } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { ofTask, selected, within } from "@everlearn/examples";

const options = {
  classesPerTask: {
    type: "integer",
    minimum: 1,
    default: 2,
    description: "The classes of each task; they divide the data set's.",
  },
  examplesPerTask: {
    type: "integer",
    minimum: 0,
    default: 0,
    description: "Training examples of each task; 0: all of its classes.",
  },
  order: {
    type: "string",
    enum: ["seed", "ascending"],
    default: "seed",
    description: "The order in which classes come: drawn by the seed, or by number.",
  },
} as const;

/**
 * Every task shows some classes that no other task shows, in an order drawn by the seed (split MNIST, split CIFAR;
 * Zenke, Poole & Ganguli 2017). Which classes a task has depends on the seed, `order` and `classesPerTask` only.
 * @throws RangeError if the classes cannot be shared out evenly or a task has too few examples.
 */
export function split(
  given: OptionsFor<typeof options>,
  { dataset, random }: { dataset: Dataset; random: Random },
): Stream {
  const { classesPerTask, examplesPerTask, order } = withDefaults(options, given);
  const { shape, classes, train, test } = dataset;
  const tasks = classes / classesPerTask;
  if (!Number.isInteger(tasks))
    throw new RangeError(
      `${classes} classes cannot be shared out evenly among tasks of ${classesPerTask}; use a classesPerTask that divides ${classes}.`,
    );
  const listed =
    order === "seed" ? [...random.fork("classes").permutation(classes)] : Array.from({ length: classes }, (_, c) => c);
  function classesOf(task: number): number[] {
    const first = within(tasks, task, "task") * classesPerTask;
    return listed.slice(first, first + classesPerTask);
  }
  const place = new Uint32Array(classes); // of a class in its task
  const taskOf = new Uint32Array(classes);
  listed.forEach((c, i) => {
    place[c] = i % classesPerTask;
    taskOf[c] = Math.floor(i / classesPerTask);
  });

  /** Where the task's examples are. */
  function placesOf(examples: Examples, task: number): Uint32Array {
    within(tasks, task, "task");
    const places: number[] = [];
    for (let i = 0; i < examples.length; i++) if (taskOf[examples.label(i)] === task) places.push(i);
    return Uint32Array.from(places);
  }

  const chosen = (examples: Examples, places: Uint32Array): Examples => ({
    ...selected(examples, places),
    label: (i) => place[examples.label(places[within(places.length, i, "example")])],
  });

  const counts = new Uint32Array(tasks);
  for (let i = 0; i < train.length; i++) counts[taskOf[train.label(i)]]++;
  const short = counts.findIndex((count) => count < examplesPerTask);
  if (short >= 0)
    throw new RangeError(
      `examplesPerTask = ${examplesPerTask} asks for more than the ${counts[short]} training examples of task ${short}; use a smaller one, or 0 for all.`,
    );

  const tested: Examples[] = [];
  return {
    tasks,
    experiences: tasks,
    boundaries: true,
    shape,
    classes,
    classesOf,
    train(task) {
      const places = placesOf(train, task);
      const drawn = random.fork(`task-${task}`).permutation(places.length, examplesPerTask || places.length);
      const taken = drawn.map((i) => places[i]);
      return ofTask(chosen(train, taken), task);
    },
    test: (task) => (tested[task] ??= chosen(test, placesOf(test, task))),
  };
}

const plugin: Plugin<"stream", typeof options> = {
  kind: "stream",
  name: "split",
  contract: 2,
  description: "Every task shows some classes that no other task shows.",
  paper: "arXiv:1703.04200",
  options,
  create: split,
};
export default plugin;
