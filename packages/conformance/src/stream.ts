import type {
  Dataset,
  Examples,
  Experience,
  Need,
  OptionsFor,
  OptionsSchema,
  Plugin,
  Stream,
} from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { difference } from "./difference.js";
import { answering, beyond, misshapen, read, spread, unsteady } from "./examples.js";
import { toyDataset, toyStream } from "./fixtures/data.js";
import type { AnyPlugin, Check, Finding, Judged } from "./check.js";
import { judge } from "./report.js";
import { madeOf } from "./state.js";
import { watch } from "./watch.js";

/** What a stream is tried with. */
export interface StreamSetup<S extends OptionsSchema = OptionsSchema> {
  /** Options to try it with; those without a default are needed. */
  readonly options?: OptionsFor<S>;
  /** The data set; by default ten classes, 8 × 8 × 1 bytes, 500 training and 200 test examples. */
  readonly dataset?: () => Dataset | Promise<Dataset>;
  /** The stream that one made of another is given; by default five tasks with two of the classes each. */
  readonly of?: () => Stream | Promise<Stream>;
  /** Set where the stream is meant to be the same for every seed, given the same data set and stream. */
  readonly seedless?: boolean;
}

/** What a stream is made of. */
interface Sources {
  readonly dataset: Dataset;
  /** The stream that it is made of, if it needs one. */
  readonly of?: Stream;
}

interface Subject {
  readonly judged: Judged<"stream">;
  readonly seedless: boolean;
  readonly sources: () => Promise<Sources>;
  readonly make: (seed?: number, sources?: Sources, options?: object) => Promise<Stream>;
}

/** How many inputs of each part of each experience and task are looked at. */
const looked = 40;

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

/** What there is to see of examples, with their tasks where they are training examples. */
const shown = (examples: Examples | Experience) => ({
  examples: read(examples, spread(examples.length, looked)),
  ...("task" in examples && { tasks: upTo(examples.length).map((i) => examples.task(i)) }),
});
const content = (stream: Stream) => ({
  train: upTo(stream.experiences).map((experience) => shown(stream.train(experience))),
  test: upTo(stream.tasks).map((task) => shown(stream.test(task))),
});

/** Looks at the training examples of every experience and the test examples of every task. */
async function everyPart(
  { make }: Subject,
  look: (examples: Examples, taskOf: (i: number) => number, stream: Stream) => Finding,
): Promise<Finding> {
  const stream = await make();
  for (let experience = 0; experience < stream.experiences; experience++) {
    const train = stream.train(experience);
    const found = look(train, (i) => train.task(i), stream);
    if (found) return `in train(${experience}), ${found}`;
  }
  for (let task = 0; task < stream.tasks; task++) {
    const found = look(stream.test(task), () => task, stream);
    if (found) return `in test(${task}), ${found}`;
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
    async run({ make, judged, sources }) {
      const options = judged.options();
      content(await make(1, await sources(), options));
      return difference(options, judged.options(), "options");
    },
  },
  {
    name: "sources unchanged",
    must: "leave its data set, and the stream that it is made of, as they are",
    async run({ make, sources }) {
      const given = await sources();
      const seen = () => ({
        dataset: [given.dataset.train, given.dataset.test].map((part) => read(part, spread(part.length, 500))),
        ...(given.of && { of: content(given.of) }),
      });
      const before = seen();
      content(await make(1, given));
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
      for (const task of upTo(tasks)) {
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
    name: "experiences",
    must: "have experiences whose every example is of one of its tasks",
    async run({ make }) {
      const { experiences, tasks, train } = await make();
      if (!Number.isInteger(experiences) || experiences < 1) return `its number of experiences is ${experiences}`;
      for (const experience of upTo(experiences)) {
        const { length, task } = train(experience);
        const odd = upTo(length).find((i) => !(Number.isInteger(task(i)) && task(i) >= 0 && task(i) < tasks));
        if (odd !== undefined) return `in train(${experience}), example ${odd} is of task ${task(odd)} of ${tasks}`;
      }
      return undefined;
    },
  },
  {
    name: "boundaries",
    must: "say whether each experience is of one task and the next of another",
    async run({ make }) {
      const { experiences, boundaries, train } = await make();
      if (typeof boundaries !== "boolean") return `boundaries is ${String(boundaries)}`;
      if (!boundaries) return undefined;
      let before: number | undefined;
      for (const experience of upTo(experiences)) {
        const { length, task } = train(experience);
        const tasks = new Set(upTo(length).map((i) => task(i)));
        if (tasks.size > 1)
          return `boundaries is true and experience ${experience} is of tasks ${[...tasks].join(", ")}`;
        const [own] = tasks;
        if (own === before) return `boundaries is true and task ${own} goes on in experience ${experience}`;
        before = own;
      }
      return undefined;
    },
  },
  {
    name: "examples",
    must: "have inputs of its shape and labels that are places in the classes of the example's task",
    run: (subject) =>
      everyPart(subject, (examples, taskOf, stream) =>
        misshapen(examples, (i) => stream.classesOf(taskOf(i)).length, stream.shape, looked),
      ),
  },
  {
    name: "reading",
    must: "answer the same however often, in whatever order and wherever an example is read",
    run: (subject) => everyPart(subject, (examples) => unsteady(examples, looked)),
  },
  {
    name: "order of reading",
    must: "show an experience and a task's test examples the same whatever else was read before or since",
    async run({ make }) {
      const expected = content(await make());
      const stream = await make();
      for (const [part, count] of [
        ["test", stream.tasks],
        ["train", stream.experiences],
      ] as const) {
        const early = upTo(count).map((i) => stream[part](i));
        for (const i of upTo(count).reverse()) {
          const name = `${part}(${i})`;
          const found = difference(shown(stream[part](i)), expected[part][i], name);
          if (found) return `read in reverse order, ${found}`;
          const again = difference(shown(stream[part](i)), expected[part][i], name);
          if (again) return `read again, ${again}`;
          const late = difference(shown(early[i]), expected[part][i], name);
          if (late) return `asked for before the others and read after them, ${late}`;
        }
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
    must: "refuse with a RangeError a task, an experience or an example that is not there",
    async run({ make }) {
      const stream = await make();
      const { tasks, experiences } = stream;
      const train = stream.train(0);
      return answering({
        [`classesOf(${tasks})`]: () => stream.classesOf(tasks),
        [`train(${experiences})`]: () => stream.train(experiences),
        [`test(${tasks})`]: () => stream.test(tasks),
        "train(-1)": () => stream.train(-1),
        "train(0.5)": () => stream.train(0.5),
        "test(-1)": () => stream.test(-1),
        ...beyond("train(0)", train),
        [`train(0).task(${train.length})`]: () => train.task(train.length),
        "train(0).task(-1)": () => train.task(-1),
        ...beyond("test(0)", stream.test(0)),
      });
    },
  },
];

/**
 * Tries a stream; one that needs another is given one.
 * @throws ConformanceError with a sentence for every check that it failed
 */
export async function checkStream<S extends OptionsSchema, N extends Need>(
  plugin: Plugin<"stream", S, N>,
  setup: StreamSetup<S> = {},
): Promise<void> {
  const erased = plugin as unknown as AnyPlugin<"stream">;
  await judge("stream", erased, setup.options ?? {}, streamChecks, async (judged) => {
    const makeDataset = setup.dataset ?? (() => toyDataset({ classes: 10, shape: [8, 8, 1], train: 500, test: 200 }));
    async function sources(): Promise<Sources> {
      const dataset = await makeDataset();
      const given = { dataset, random: random(4, "stream") };
      const makeOf = setup.of ?? (() => toyStream({ tasks: 5, split: true }, given));
      return { dataset, ...(await madeOf(judged.needs, makeOf)) };
    }
    const subject: Subject = {
      judged,
      seedless: setup.seedless ?? false,
      sources,
      make: async (seed = 1, given, options) =>
        judged.create({ ...(given ?? (await sources())), random: random(seed, "stream") }, options),
    };
    return { subject, part: await subject.make() };
  });
}
