import type {
  Buffer,
  Dependencies,
  Example,
  OptionsFor,
  OptionsSchema,
  Scenario,
  Stateful,
} from "@everlearn/contracts";
import { random } from "@everlearn/random";
import type { Judged } from "./check.js";
import { copy } from "./difference.js";
import { toyBuffer } from "./fixtures/buffer.js";
import { toyDataset, toyStream } from "./fixtures/data.js";
import { toyScenario } from "./fixtures/scenario.js";
import { madeOf } from "./state.js";

/** What a buffer is tried with. */
export interface BufferSetup<S extends OptionsSchema = OptionsSchema> {
  /** Options to try it with; those without a default are needed. A capacity of 10 to 100 tries most. */
  readonly options?: OptionsFor<S>;
  /** The examples to offer; by default 400 of two tasks with four classes, task by task. */
  readonly examples?: readonly Example[];
  /** The shape of the examples' inputs: [4, 4, 1] by default; where `examples` are given, a single row. */
  readonly shape?: readonly number[];
  /** Set for a reservoir: each example that ever came is held with the same probability, once there are more than fit. */
  readonly reservoir?: boolean;
  /** Set where what is drawn may differ in its inputs from what is held, as with augmentation. */
  readonly augments?: boolean;
  /** Makes the buffer that one made of another is given; `toyBuffer` with the same capacity by default. */
  readonly of?: (given: Dependencies<"buffer">) => Buffer | Promise<Buffer>;
}

/** What a buffer is offered: an example and what a learner keeps beside it, by which it is known again. */
export interface Item extends Example {
  readonly id: number;
}

/** A buffer plugin and what it is tried with. */
export interface BufferTrial {
  readonly judged: Judged<"buffer">;
  readonly reservoir: boolean;
  readonly augments: boolean;
  /** The items to offer, each call's its own. */
  readonly items: () => Item[];
  readonly start: (options?: object) => Promise<Buffer<Item>>;
  /** Makes a buffer with this generator; `parts` are the buffer, and what it is made of. */
  readonly make: (
    generator: ReturnType<typeof random>,
    options?: object,
  ) => Promise<{ buffer: Buffer<Item>; parts: Readonly<Record<string, Stateful>> }>;
}

/** Two tasks of four classes, task by task. */
function examplesOf(taskLabels: Scenario["taskLabels"]): Example[] {
  const stream = toyStream({ tasks: 2 }, { dataset: toyDataset({ train: 200, test: 4 }), random: random(6, "stream") });
  const scenario = toyScenario({ taskLabels }, { stream });
  return [0, 1].flatMap((task) => {
    const train = stream.train(task);
    return Array.from({ length: train.length }, (_, i) => scenario.example(task, train.input(i), train.label(i)));
  });
}

/** Prepares the trials of a buffer. */
export function bufferTrial(judged: Judged<"buffer">, setup: BufferSetup): BufferTrial {
  const labels = judged.needs.includes("taskLabels") ? "training" : "never";
  const examples = setup.examples ?? examplesOf(labels);
  const inputs = examples[0].x.length;
  const shape = setup.shape ?? (setup.examples ? [inputs] : [4, 4, 1]);
  const outputs = 1 + Math.max(...examples.flatMap(({ y, outputs: list = [] }) => [y, ...list]));
  const make: BufferTrial["make"] = async (generator, options = judged.options()) => {
    const capacity = (options as { capacity?: number }).capacity ?? 50;
    const makeOf = setup.of ?? ((parts) => toyBuffer({ capacity }, parts));
    const given = { shape, inputs, outputs, random: generator };
    const other = generator.fork("of");
    const of = await madeOf(judged.needs, () => makeOf({ ...given, random: other }));
    const buffer = (await judged.create({ ...given, ...of }, options)) as Buffer<Item>;
    return { buffer, parts: { buffer, ...of, "generator of the other": other } };
  };
  return {
    judged,
    reservoir: setup.reservoir ?? false,
    augments: setup.augments ?? false,
    items: () => copy([...examples]).map((example, id) => ({ ...example, id })),
    start: async (options) => (await make(random(5, "buffer"), options)).buffer,
    make,
  };
}
