import type { Buffer, Example, Need, OptionsFor, OptionsSchema, Plugin, Scenario } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { copy, difference } from "./difference.js";
import { toyDataset, toyStream } from "./fixtures/data.js";
import { toyScenario } from "./fixtures/scenario.js";
import { type Rehearsal, rehearsalChecks } from "./rehearsal.js";
import { type AnyPlugin, type Check, type Finding, judge, type Judged } from "./report.js";
import { watch } from "./watch.js";

/** What a buffer is tried with. */
export interface BufferSetup<S extends OptionsSchema = OptionsSchema> {
  /** Options to try it with; those without a default are needed. A capacity of 10 to 100 tries most. */
  readonly options?: OptionsFor<S>;
  /** The examples to offer, all different; by default 400 of two tasks with four classes, task by task. */
  readonly examples?: readonly Example[];
  /** Set for a reservoir: each example that ever came is held with the same probability, once there are more than fit. */
  readonly reservoir?: boolean;
}

interface Subject {
  readonly judged: Judged<"buffer">;
  readonly reservoir: boolean;
  /** The examples to offer, each call's its own. */
  readonly examples: () => Example[];
  readonly start: (options?: object) => Promise<Buffer>;
}

/** Makes a buffer, with a generator that its rehearsal can save. */
async function make(
  { plugin }: Judged<"buffer">,
  options: object,
): Promise<{ buffer: Buffer; generator: ReturnType<typeof random> }> {
  const generator = random(5, "buffer");
  const buffer = await plugin.create(options as Parameters<typeof plugin.create>[0], { random: generator });
  return { buffer, generator };
}

async function rehearse({ judged, examples }: Subject): Promise<Rehearsal> {
  const { buffer, generator } = await make(judged, judged.options());
  const offered = examples();
  return {
    steps: offered.length,
    step(i) {
      buffer.add(offered[i]);
      return { size: buffer.size, drawn: buffer.sample(3), ...(i % 20 === 19 && { all: buffer.all() }) };
    },
    save: () => ({ buffer: buffer.save(), generator: generator.save() }),
    load(state) {
      const saved = state as { buffer: ReturnType<Buffer["save"]>; generator: ReturnType<Buffer["save"]> };
      buffer.load(saved.buffer);
      generator.load(saved.generator);
    },
  };
}

/** A text that tells an example from others. */
const print = ({ x, y, task, outputs }: Example) => `${x.constructor.name} ${x.join()} ${y} ${task} ${outputs?.join()}`;

/** A buffer that was offered all examples. */
async function filled({ start, examples }: Subject): Promise<Buffer> {
  const buffer = await start();
  for (const example of examples()) buffer.add(example);
  return buffer;
}

/** What every buffer must do. */
export const bufferChecks: readonly Check<Subject>[] = [
  {
    name: "purity",
    must: "use no randomness and no clock but what it is handed",
    async run(subject) {
      const used = await watch(async () => {
        const buffer = await filled(subject);
        buffer.sample(10);
        buffer.all();
        buffer.save();
      });
      return used.length > 0 ? `it used ${used.join(", ")}` : undefined;
    },
  },
  {
    name: "options unchanged",
    must: "leave its options as they are",
    async run({ start, judged, examples }) {
      const options = judged.options();
      const buffer = await start(options);
      for (const example of examples()) buffer.add(example);
      buffer.sample(10);
      return difference(options, judged.options(), "options");
    },
  },
  {
    name: "examples unchanged",
    must: "leave the examples that it is offered as they are",
    async run({ start, examples }) {
      const offered = examples();
      const before = copy(offered);
      const buffer = await start();
      for (const example of offered) {
        buffer.add(example);
        buffer.sample(2);
      }
      return difference(offered, before, "examples");
    },
  },
  ...rehearsalChecks<Subject>(rehearse),
  {
    name: "capacity",
    must: "never hold more than its capacity, and that is no more than its options say",
    async run({ start, examples, judged }) {
      const buffer = await start();
      const { capacity } = buffer;
      const allowed = judged.options().capacity;
      if (!Number.isInteger(capacity) || capacity < 1) return `its capacity is ${capacity}`;
      if (typeof allowed === "number" && capacity > allowed)
        return `its capacity is ${capacity} rather than ${allowed}`;
      for (const [i, example] of examples().entries()) {
        buffer.add(example);
        if (buffer.size > capacity) return `it holds ${buffer.size} of ${capacity} after ${i + 1} examples`;
        if (buffer.capacity !== capacity) return `its capacity became ${buffer.capacity}`;
      }
      return buffer.size === 0 ? "it holds nothing after all examples" : undefined;
    },
  },
  {
    name: "size",
    must: "say as its size the number of examples that it holds",
    async run({ start, examples }) {
      const buffer = await start();
      if (buffer.size !== 0) return `its size is ${buffer.size} before any example`;
      for (const [i, example] of examples().entries()) {
        buffer.add(example);
        const { length } = buffer.all();
        if (length !== buffer.size)
          return `after ${i + 1} examples its size is ${buffer.size} where all() has ${length}`;
      }
      return undefined;
    },
  },
  {
    name: "contents",
    must: "hold examples that it was offered, with the same values and none of them twice",
    async run({ start, examples }) {
      const buffer = await start();
      const offered = new Set<string>();
      for (const [i, example] of examples().entries()) {
        buffer.add(example);
        offered.add(print(example));
        const held = buffer.all().map(print);
        if (!held.every((one) => offered.has(one)))
          return `after ${i + 1} examples it holds one that was never offered`;
        if (new Set(held).size < held.length) return `after ${i + 1} examples it holds one twice`;
      }
      return undefined;
    },
  },
  {
    name: "sample",
    must: "draw min(count, size) of the examples that it holds",
    async run({ start, examples }) {
      const buffer = await start();
      const none = buffer.sample(4);
      if (none.length > 0) return `it drew ${none.length} while it was empty`;
      for (const example of examples()) {
        buffer.add(example);
        const held = new Set(buffer.all().map(print));
        for (const count of [0, 1, 3, buffer.size, buffer.size + 5]) {
          const drawn = buffer.sample(count);
          if (drawn.length !== Math.min(count, buffer.size))
            return `of ${buffer.size} it drew ${drawn.length} where ${count} were asked for`;
          if (!drawn.every((one) => held.has(print(one)))) return "it drew an example that it does not hold";
        }
      }
      return undefined;
    },
  },
  {
    name: "uniform draws",
    must: "draw uniformly, independently and with replacement",
    async run(subject) {
      const buffer = await filled(subject);
      const { size } = buffer;
      const counts = new Map(buffer.all().map((example) => [print(example), 0]));
      let repeated = size < 8;
      for (let round = 0; round < 200; round++) {
        const drawn = buffer.sample(size).map(print);
        for (const one of drawn) counts.set(one, (counts.get(one) ?? 0) + 1);
        repeated ||= new Set(drawn).size < size;
      }
      if (!repeated) return `in 200 samples of ${size} no example came twice`;
      const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 200) ** 2 / 200, 0);
      // Far beyond the 10⁻⁶ quantile for any number of degrees of freedom: an honest generator does not get there.
      const limit = size + 6 * Math.sqrt(2 * size) + 20;
      return chiSquare > limit ? `χ² of ${200 * size} draws from ${size} is ${chiSquare.toFixed(0)}` : undefined;
    },
  },
  {
    name: "reservoir",
    must: "hold each example that came with the same probability, as it is said to be a reservoir",
    run: (subject) => (subject.reservoir ? uneven(subject) : undefined),
  },
  {
    name: "reading",
    must: "hold the same after sample and all, whatever becomes of their answers",
    async run(subject) {
      const buffer = await filled(subject);
      const before = copy(buffer.all());
      buffer.sample(buffer.size).reverse().pop();
      const found = difference(buffer.all(), before, "all()");
      if (found) return `after sample ${found}`;
      buffer.all().reverse().pop();
      const later = difference(buffer.all(), before, "all()");
      return later && `after its answer was changed ${later}`;
    },
  },
];

/**
 * How a buffer's chances depart from a reservoir's: of `length` examples that came, each is held in capacity/length of
 * many independent buffers.
 */
async function uneven({ judged }: Subject): Promise<Finding> {
  const [rounds, length] = [20_000, 20];
  const options = judged.options();
  const small = typeof options.capacity === "number" ? { ...options, capacity: 5 } : options;
  const offered = Array.from({ length }, (_, i): Example => ({ x: Float32Array.of(i), y: 0 }));
  const draw = random(9, "reservoirs");
  const held = new Uint32Array(length);
  let capacity = 0;
  for (let round = 0; round < rounds; round++) {
    const buffer = await judged.plugin.create(small, { random: draw });
    ({ capacity } = buffer);
    for (const example of offered) buffer.add(example);
    for (const { x } of buffer.all()) held[x[0]]++;
  }
  const p = Math.min(1, capacity / length);
  if (p === 1) return held.some((times) => times !== rounds) ? "it leaves examples out while it has room" : undefined;
  const chiSquare = held.reduce((sum, times) => sum + (times - rounds * p) ** 2 / (rounds * p * (1 - p)), 0);
  if (chiSquare <= 63) return undefined; // the 1 − 10⁻⁶ quantile with 19 degrees of freedom
  const [first, last] = [held[0], held[length - 1]].map((times) => (times / rounds).toFixed(3));
  return `of ${length} examples at capacity ${capacity} the first is held in ${first} and the last in ${last} of ${rounds} buffers, rather than ${p.toFixed(3)}`;
}

/** Two tasks of four classes, task by task. */
function offers(taskLabels: Scenario["taskLabels"]): Example[] {
  const stream = toyStream({ tasks: 2 }, { dataset: toyDataset({ train: 200, test: 4 }), random: random(6, "stream") });
  const scenario = toyScenario({ taskLabels }, { stream });
  return [0, 1].flatMap((task) => {
    const train = stream.train(task);
    return Array.from({ length: train.length }, (_, i) => scenario.example(task, train.input(i), train.label(i)));
  });
}

/**
 * Tries a buffer on a row of examples.
 * @throws ConformanceError with a sentence for every check that it failed
 */
export async function checkBuffer<S extends OptionsSchema, N extends Need>(
  plugin: Plugin<"buffer", S, N>,
  setup: BufferSetup<S> = {},
): Promise<void> {
  const erased = plugin as unknown as AnyPlugin<"buffer">;
  await judge("buffer", erased, setup.options ?? {}, bufferChecks, async (judged) => {
    const labels = judged.needs.includes("taskLabels") ? "training" : "never";
    const subject: Subject = {
      judged,
      reservoir: setup.reservoir ?? false,
      examples: () => (setup.examples ? copy([...setup.examples]) : offers(labels)),
      start: async (options = judged.options()) => (await make(judged, options)).buffer,
    };
    return { subject, part: await subject.start() };
  });
}
