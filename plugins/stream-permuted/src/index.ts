import type { Dataset, OptionsFor, Plugin, Random, Stream } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { rearrangedTasks } from "@everlearn/examples";

const options = {
  tasks: { type: "integer", minimum: 1, default: 20, description: "The number of tasks." },
  examplesPerTask: { type: "integer", minimum: 1, default: 1000, description: "Training examples of each task." },
  testExamples: {
    type: "integer",
    minimum: 0,
    default: 0,
    description: "Test examples of each task: a draw fixed by the seed, the same for all tasks; 0: all there are.",
  },
} as const;

/**
 * Every task shows all classes of the data set, with the values of the inputs in an order of the task's own; the first
 * task's order is random, too (MNIST Permutations, Goodfellow et al. 2014; in this form Lopez-Paz & Ranzato 2017).
 * A task's order depends on the seed only.
 * @throws RangeError if the data set has too few examples.
 */
export function permuted(
  given: OptionsFor<typeof options>,
  { dataset, random }: { dataset: Dataset; random: Random },
): Stream {
  const { tasks, examplesPerTask, testExamples } = withDefaults(options, given);
  const size = dataset.shape.reduce((product, side) => product * side, 1);
  return rearrangedTasks({ tasks, examplesPerTask, testExamples }, { dataset, random }, (_, own) => {
    const order = own.fork("order").permutation(size);
    return size < 65536 ? Uint16Array.from(order) : order;
  });
}

const plugin: Plugin<"stream", typeof options> = {
  kind: "stream",
  name: "permuted",
  contract: 2,
  description: "Every task shows the same classes, their pixels in an order of its own.",
  paper: "arXiv:1706.08840",
  options,
  create: permuted,
};
export default plugin;
