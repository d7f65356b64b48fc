/** @import { Dataset, Examples, Experience, OptionsOf, Plugin, Random, Stream } from "@everlearn/contracts" */

const options = /** @type {const} */ ({
  tasks: { type: "integer", minimum: 1, default: 5, description: "The number of tasks." },
  examplesPerTask: { type: "integer", minimum: 1, default: 500, description: "Training examples of each task." },
});

/**
 * Light that fades, to begin with: every task shows all classes, each task's inputs darker than those of the one before.
 * @param {OptionsOf<typeof options>} options
 * @param {{ dataset: Dataset, random: Random }} parts
 * @returns {Stream}
 * @throws RangeError where the data set has too few examples
 */
export function templateName({ tasks, examplesPerTask }, { dataset, random }) {
  const { shape, classes, train, test } = dataset;
  if (examplesPerTask > train.length)
    throw new RangeError(
      `A task has ${examplesPerTask} training examples, but the data set has ${train.length}; use examplesPerTask ≤ ${train.length}.`,
    );
  const every = Uint32Array.from({ length: test.length }, (_, i) => i);

  /**
   * The examples in this order, as the task shows them.
   * @param {Examples} examples
   * @param {Uint32Array} order
   * @param {number} task
   * @returns {Experience}
   */
  function shown(examples, order, task) {
    const light = (tasks - within(task, tasks, "task")) / tasks;
    /** @param {number} i */
    const place = (i) => order[within(i, order.length, "example")];
    return {
      length: order.length,
      label: (i) => examples.label(place(i)),
      input(i, into) {
        // Without `into` it answers what belongs to the data set, which is not to be changed.
        const x = into ? examples.input(place(i), into) : examples.input(place(i)).slice();
        for (let p = 0; p < x.length; p++) x[p] = x[p] * light;
        return x;
      },
      task(i) {
        place(i);
        return task;
      },
    };
  }

  return {
    tasks,
    experiences: tasks,
    boundaries: true,
    shape,
    classes,
    classesOf(task) {
      within(task, tasks, "task");
      return Array.from({ length: classes }, (_, c) => c);
    },
    // A fork for each task, so that what a task shows depends on nothing but the seed and its number.
    train: (task) => shown(train, random.fork(task).permutation(train.length, examplesPerTask), task),
    test: (task) => shown(test, every, task),
  };
}

/**
 * The place, which must be one of `length`.
 * @param {number} i
 * @param {number} length
 * @param {string} what
 */
function within(i, length, what) {
  if (Number.isInteger(i) && i >= 0 && i < length) return i;
  throw new RangeError(`There is no ${what} ${i}; use 0 to ${length - 1}.`);
}

/** @type {Plugin<"stream", typeof options>} */
const plugin = {
  kind: "stream",
  name: "template-name",
  contract: 2,
  description: "Every task shows the same classes, darker than the task before.",
  options,
  create: templateName,
};
export default plugin;
