import type { Dataset, Examples, OptionsFor, Plugin, Random, Stream } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { ofTask, selected, within } from "@everlearn/examples";
import { orderOf, sizesOf } from "./classes.js";

const options = {
  classesPerTask: {
    anyOf: [
      { type: "integer", minimum: 1 },
      { type: "array", items: { type: "integer", minimum: 1 } },
    ],
    default: 2,
    description: "The classes of each task: one number, which divides the data set's, or one for each task.",
  },
  examplesPerTask: {
    type: "integer",
    minimum: 0,
    default: 0,
    description: "Training examples of each task; 0: all of its classes.",
  },
  order: {
    anyOf: [
      { type: "string", enum: ["seed", "ascending", "icarl"] },
      { type: "array", items: { type: "integer", minimum: 0 } },
    ],
    default: "seed",
    description: "The order in which classes come: drawn by the seed, by number, iCaRL's of CIFAR-100, or as listed.",
  },
} as const;

/**
 * Every task shows some classes that no other task shows, in an order drawn by the seed (split MNIST, split CIFAR;
 * Zenke, Poole & Ganguli 2017) or in a given one. Which classes a task has depends on the seed, `order` and
 * `classesPerTask` only.
 * @throws RangeError if the classes cannot be shared out so, the order is not one of all classes, or a task has too few
 * examples.
 */
export function split(
  given: OptionsFor<typeof options>,
  { dataset, random }: { dataset: Dataset; random: Random },
): Stream {
  const { classesPerTask, examplesPerTask, order } = withDefaults(options, given);
  const { shape, classes, train, test } = dataset;
  const sizes = sizesOf(classes, classesPerTask);
  const tasks = sizes.length;
  const listed = orderOf(classes, order, random);
  const place = new Uint32Array(classes); // of a class in its task
  const taskOf = new Uint32Array(classes);
  const shares: number[][] = [];
  let first = 0;
  for (const [task, size] of sizes.entries()) {
    shares.push(listed.slice(first, first + size));
    for (const [i, c] of shares[task].entries()) [taskOf[c], place[c]] = [task, i];
    first += size;
  }
  const classesOf = (task: number): number[] => [...shares[within(tasks, task, "task")]];

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
