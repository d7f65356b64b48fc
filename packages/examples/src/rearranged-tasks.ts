import type { Dataset, Random, Stream } from "@everlearn/contracts";
import { ofTask, rearranged, selected, within } from "./views.js";

/** Where each value of a rearranged input comes from; see `rearranged`. */
export type Places = Uint16Array | Uint32Array;

/**
 * Creates a stream in which every task has all classes of a data set, with the values of its inputs rearranged in the
 * task's own way: the common part of MNIST Rotations and Permutations (Lopez-Paz & Ranzato 2017). A task's way depends
 * on the generator and its number only, not on how many examples the tasks have.
 * @param testExamples a draw of so many test examples, the same for all tasks; 0: all there are
 * @param placesOf a task's way; asked once for each task, with a generator of its own
 * @throws RangeError where the data set has too few examples
 */
export function rearrangedTasks(
  { tasks, examplesPerTask, testExamples }: { tasks: number; examplesPerTask: number; testExamples: number },
  { dataset, random }: { dataset: Dataset; random: Random },
  placesOf: (task: number, random: Random) => Places,
): Stream {
  const { shape, classes, train, test } = dataset;
  const generatorOf = (task: number): Random => random.fork(`task-${task}`);
  const known: Places[] = [];
  const places = (task: number): Places => (known[task] ??= placesOf(within(tasks, task, "task"), generatorOf(task)));
  for (const [option, wanted, { length }] of [
    ["examplesPerTask", examplesPerTask, train],
    ["testExamples", testExamples, test],
  ] as const)
    if (wanted > length)
      throw new RangeError(`${option} = ${wanted} asks for more examples than there are; use ${option} ≤ ${length}.`);
  const tested = testExamples > 0 ? selected(test, random.fork("test").permutation(test.length, testExamples)) : test;
  return {
    tasks,
    experiences: tasks,
    boundaries: true,
    shape,
    classes: tasks * classes,
    classesOf(task) {
      const first = within(tasks, task, "task") * classes;
      return Array.from({ length: classes }, (_, label) => first + label);
    },
    train(task) {
      const way = places(task);
      const drawn = generatorOf(task).fork("examples").permutation(train.length, examplesPerTask);
      return ofTask(rearranged(selected(train, drawn), way), task);
    },
    test: (task) => rearranged(tested, places(task)),
  };
}
