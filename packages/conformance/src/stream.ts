import type { Dataset, Examples, Need, OptionsFor, OptionsSchema, Plugin, Stream } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { difference } from "./difference.js";
import { answering, beyond, misshapen, read, spread, unsteady } from "./examples.js";
import { toyDataset } from "./fixtures/data.js";
import { type AnyPlugin, type Check, judge, type Judged } from "./report.js";
import { watch } from "./watch.js";

/** What a stream is tried with. */
export interface StreamSetup<S extends OptionsSchema = OptionsSchema> {
  /** Options to try it with; those without a default are needed. */
  readonly options?: OptionsFor<S>;
  /** The data set; by default ten classes, 8 × 8 × 1 bytes, 500 training and 200 test examples. */
  readonly dataset?: () => Dataset | Promise<Dataset>;
  /** Set where the stream is meant to be the same for every seed. */
  readonly seedless?: boolean;
}

interface Subject {
  readonly judged: Judged<"stream">;
  readonly seedless: boolean;
  readonly dataset: () => Promise<Dataset>;
  readonly make: (seed?: number, dataset?: Dataset, options?: object) => Promise<Stream>;
}

/** How many inputs of each part of each task are looked at. */
const looked = 40;
const parts = (stream: Stream, task: number) => ({
  [`train(${task})`]: stream.train(task),
  [`test(${task})`]: stream.test(task),
});
const tasksOf = ({ tasks }: Stream) => Array.from({ length: tasks }, (_, task) => task);

/** What the parts of a task hold. */
const shown = (stream: Stream, task: number) =>
  Object.values(parts(stream, task)).map((examples) => read(examples, spread(examples.length, looked)));
const content = (stream: Stream) => tasksOf(stream).map((task) => shown(stream, task));

async function everyPart(
  { make }: Subject,
  look: (examples: Examples, task: number, stream: Stream) => string | undefined,
): Promise<string | undefined> {
  const stream = await make();
  for (const task of tasksOf(stream))
    for (const [name, examples] of Object.entries(parts(stream, task))) {
      const found = look(examples, task, stream);
      if (found) return `in ${name}, ${found}`;
    }
  return undefined;
}

/** What every stream must do. */
export const streamChecks: readonly Check<Subject>[] = [
  {
    name: "purity",
    must: "use no randomness and no clock but what it is handed",
    async run({ make }) {
      const used = await watch(async () => content(await make()));
      return used.length > 0 ? `it used ${used.join(", ")}` : undefined;
    },
  },
  {
    name: "options unchanged",
    must: "leave its options as they are",
    async run({ make, judged, dataset }) {
      const options = judged.options();
      content(await make(1, await dataset(), options));
      return difference(options, judged.options(), "options");
    },
  },
  {
    name: "data set unchanged",
    must: "leave its data set as it is",
    async run({ make, dataset }) {
      const source = await dataset();
      const seen = () => [source.train, source.test].map((examples) => read(examples, spread(examples.length, 500)));
      const before = seen();
      content(await make(1, source));
      return difference(seen(), before);
    },
  },
  {
    name: "classes",
    must: "have tasks, each with distinct classes below the stream's number of classes",
    async run({ make }) {
      const stream = await make();
      const { tasks, classes } = stream;
      if (!Number.isInteger(tasks) || tasks < 1) return `its number of tasks is ${tasks}`;
      if (!Number.isInteger(classes) || classes < 1) return `its number of classes is ${classes}`;
      for (const task of tasksOf(stream)) {
        const own = stream.classesOf(task);
        if (own.length === 0) return `task ${task} has no classes`;
        if (new Set(own).size < own.length) return `task ${task} names a class twice`;
        const odd = own.find((c) => !(Number.isInteger(c) && c >= 0 && c < classes));
        if (odd !== undefined) return `task ${task} has class ${odd} of ${classes}`;
      }
      return undefined;
    },
  },
  {
    name: "examples",
    must: "have inputs of its shape and labels that are places in the task's classes",
    run: (subject) =>
      everyPart(subject, (examples, task, stream) =>
        misshapen(examples, stream.classesOf(task).length, stream.shape, looked),
      ),
  },
  {
    name: "reading",
    must: "answer the same however often, in whatever order and wherever an example is read",
    run: (subject) => everyPart(subject, (examples) => unsteady(examples, looked)),
  },
  {
    name: "order of tasks",
    must: "show a task the same whatever else was read before",
    async run({ make }) {
      const expected = content(await make());
      const stream = await make();
      for (const task of tasksOf(stream).reverse()) {
        const found = difference(shown(stream, task), expected[task]);
        if (found) return `read in reverse order, of task ${task} ${found}`;
        const again = difference(shown(stream, task), expected[task]);
        if (again) return `read again, of task ${task} ${again}`;
      }
      return undefined;
    },
  },
  {
    name: "same seed",
    must: "be the same for the same seed",
    run: async ({ make }) => difference(content(await make()), content(await make())),
  },
  {
    name: "other seed",
    must: "be another stream for another seed",
    async run({ make, seedless }) {
      if (seedless || difference(content(await make(2)), content(await make(1)))) return undefined;
      return "seeds 1 and 2 give the same (where that is meant, set seedless)";
    },
  },
  {
    name: "range",
    must: "refuse with a RangeError a task or an example that is not there",
    async run({ make }) {
      const stream = await make();
      const { tasks } = stream;
      return answering({
        [`classesOf(${tasks})`]: () => stream.classesOf(tasks),
        [`train(${tasks})`]: () => stream.train(tasks),
        [`test(${tasks})`]: () => stream.test(tasks),
        "train(-1)": () => stream.train(-1),
        "train(0.5)": () => stream.train(0.5),
        ...beyond("train(0)", stream.train(0)),
        ...beyond("test(0)", stream.test(0)),
      });
    },
  },
];

/**
 * Tries a stream.
 * @throws ConformanceError with a sentence for every check that it failed
 */
export async function checkStream<S extends OptionsSchema, N extends Need>(
  plugin: Plugin<"stream", S, N>,
  setup: StreamSetup<S> = {},
): Promise<void> {
  const erased = plugin as unknown as AnyPlugin<"stream">;
  await judge("stream", erased, setup.options ?? {}, streamChecks, async (judged) => {
    const dataset = async () =>
      setup.dataset?.() ?? toyDataset({ classes: 10, shape: [8, 8, 1], train: 500, test: 200 });
    const subject: Subject = {
      judged,
      seedless: setup.seedless ?? false,
      dataset,
      make: async (seed = 1, source, options = judged.options()) =>
        judged.plugin.create(options as ReturnType<typeof judged.options>, {
          dataset: source ?? (await dataset()),
          random: random(seed, "stream"),
        }),
    };
    return { subject, part: await subject.make() };
  });
}
