import type { Dataset, Examples, Input, OptionsFor, Plugin, Random, Stream } from "@everlearn/contracts";

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
 * Every task shows all classes of the data set, the values of its inputs in an order of the task's own, the first task
 * included (MNIST Permutations, Goodfellow et al. 2014; in this form Lopez-Paz & Ranzato 2017).
 * A task's order depends on the seed only.
 * @throws RangeError where the data set has too few examples.
 */
export function permuted(
  { tasks = 20, examplesPerTask = 1000, testExamples = 0 }: OptionsFor<typeof options>,
  { dataset, random }: { dataset: Dataset; random: Random },
): Stream {
  const { shape, classes, train, test } = dataset;
  if (examplesPerTask > train.length)
    throw new RangeError(
      `stream-permuted cannot draw ${examplesPerTask} of ${train.length} training examples; use examplesPerTask ≤ ${train.length}.`,
    );
  if (testExamples > test.length)
    throw new RangeError(
      `stream-permuted cannot draw ${testExamples} of ${test.length} test examples; use testExamples ≤ ${test.length}.`,
    );
  const size = shape.reduce((product, side) => product * side, 1);
  const floats = train.input(0) instanceof Float32Array;
  const blank = (): Input => (floats ? new Float32Array(size) : new Uint8Array(size));
  const original = blank();

  const orders: (Uint16Array | Uint32Array)[] = [];
  function orderOf(task: number): Uint16Array | Uint32Array {
    const order = random.fork(`task-${task}`).fork("order").permutation(size);
    return size <= 65536 ? Uint16Array.from(order) : order;
  }

  function reordered(examples: Examples, task: number, drawn?: Uint32Array): Examples {
    const order = (orders[task] ??= orderOf(within(tasks, task, "task")));
    const length = drawn?.length ?? examples.length;
    const source = (i: number): number => {
      const place = within(length, i, "example");
      return drawn ? drawn[place] : place;
    };
    return {
      length,
      label: (i) => examples.label(source(i)),
      input(i, into = blank()) {
        examples.input(source(i), original);
        gather(original, order, into);
        return into;
      },
    };
  }

  const tested = testExamples > 0 ? random.fork("test").permutation(test.length, testExamples) : undefined;
  return {
    tasks,
    shape,
    classes: tasks * classes,
    classesOf(task) {
      const first = within(tasks, task, "task") * classes;
      return Array.from({ length: classes }, (_, label) => first + label);
    },
    train: (task) =>
      reordered(train, task, random.fork(`task-${task}`).fork("examples").permutation(train.length, examplesPerTask)),
    test: (task) => reordered(test, task, tested),
  };
}

/** `i`, which must be one of `count`. */
function within(count: number, i: number, what: string): number {
  if (Number.isInteger(i) && i >= 0 && i < count) return i;
  throw new RangeError(`stream-permuted has no ${what} ${i}; use 0 to ${count - 1}.`);
}

/** Evaluation's inner loop: outside of the closures that call it, it runs half again as fast. */
function gather(from: Input, places: Uint16Array | Uint32Array, into: Input): void {
  const { length } = places;
  for (let i = 0; i < length; i++) into[i] = from[places[i]];
}

const plugin: Plugin<"stream", typeof options> = {
  kind: "stream",
  name: "permuted",
  description: "Every task shows the same classes, their pixels in an order of its own.",
  paper: "arXiv:1706.08840",
  options,
  create: permuted,
};
export default plugin;
