import type { Buffer, Need, OptionsSchema, Plugin } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { type BufferSetup, type BufferTrial, bufferTrial, type Item } from "./buffer-trial.js";
import type { AnyPlugin, Check, Finding } from "./check.js";
import { copy, difference } from "./difference.js";
import { rehearsalChecks } from "./rehearsal.js";
import { judge } from "./report.js";
import { together } from "./state.js";
import { watch } from "./watch.js";

/** How an item is none of those offered (each at the place that its id says), or has other values. */
function strange(item: Item, offered: readonly Item[], augmented = false): Finding {
  const original = item.id < offered.length ? offered[item.id] : undefined;
  if (!original) return "there is one that was never offered, or that lost what a learner keeps beside an example";
  const { x, ...others } = item;
  const { x: given, ...expected } = original;
  const changed =
    difference(others, expected, "example") ?? (augmented ? undefined : difference(x, given, "example.x"));
  if (changed) return `an ${changed}`;
  return x.constructor === given.constructor && x.length === given.length
    ? undefined
    : "an example's x has another size";
}

const idOf = ({ id }: Item) => id;

/** A buffer that was offered all items. */
async function filled({ start, items }: BufferTrial): Promise<Buffer<Item>> {
  const buffer = await start();
  for (const item of items()) buffer.add(item);
  return buffer;
}

/** What every buffer must do. */
export const bufferChecks: readonly Check<BufferTrial>[] = [
  {
    name: "purity",
    must: "use no randomness and no clock but what it is handed",
    async run(trial) {
      const used = await watch(async () => {
        const buffer = await filled(trial);
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
    async run({ start, judged, items }) {
      const options = judged.options();
      const buffer = await start(options);
      for (const item of items()) buffer.add(item);
      buffer.sample(10);
      return difference(options, judged.options(), "options");
    },
  },
  {
    name: "examples unchanged",
    must: "leave the examples that it is offered as they are",
    async run({ start, items }) {
      const offered = items();
      const before = copy(offered);
      const buffer = await start();
      for (const item of offered) {
        buffer.add(item);
        buffer.sample(2);
      }
      return difference(offered, before, "examples");
    },
  },
  ...rehearsalChecks<BufferTrial>(async ({ make, items }) => {
    const generator = random(5, "buffer");
    const { buffer, parts } = await make(generator);
    const offered = items();
    return {
      steps: offered.length,
      step(i) {
        buffer.add(offered[i]);
        return { size: buffer.size, drawn: buffer.sample(3), ...(i % 20 === 19 && { all: buffer.all() }) };
      },
      ...together({ ...parts, generator }),
    };
  }),
  {
    name: "capacity",
    must: "never hold more than its capacity, and that is no more than its options say",
    async run({ start, items, judged }) {
      const buffer = await start();
      const { capacity } = buffer;
      const allowed = judged.options().capacity;
      if (!Number.isInteger(capacity) || capacity < 1) return `its capacity is ${capacity}`;
      if (typeof allowed === "number" && capacity > allowed)
        return `its capacity is ${capacity} rather than ${allowed}`;
      for (const [i, item] of items().entries()) {
        buffer.add(item);
        if (buffer.size > capacity) return `it holds ${buffer.size} of ${capacity} after ${i + 1} examples`;
        if (buffer.capacity !== capacity) return `its capacity became ${buffer.capacity}`;
      }
      return buffer.size === 0 ? "it holds nothing after all examples" : undefined;
    },
  },
  {
    name: "size",
    must: "say as its size the number of examples that it holds",
    async run({ start, items }) {
      const buffer = await start();
      if (buffer.size !== 0) return `its size is ${buffer.size} before any example`;
      for (const [i, item] of items().entries()) {
        buffer.add(item);
        const { length } = buffer.all();
        if (length !== buffer.size)
          return `after ${i + 1} examples its size is ${buffer.size} where all() has ${length}`;
      }
      return undefined;
    },
  },
  {
    name: "contents",
    must: "hold what it was offered, whatever is kept beside an example, with the same values and nothing twice",
    async run({ start, items }) {
      const buffer = await start();
      const offered = items();
      for (const [i, item] of offered.entries()) {
        buffer.add(item);
        const held = buffer.all();
        for (const one of held) {
          const found = strange(one, offered.slice(0, i + 1));
          if (found) return `after ${i + 1} examples ${found}`;
        }
        if (new Set(held.map(idOf)).size < held.length) return `after ${i + 1} examples it holds one twice`;
      }
      return undefined;
    },
  },
  {
    name: "sample",
    must: "draw min(count, size) of the examples that it holds",
    async run({ start, items, augments }) {
      const buffer = await start();
      const none = buffer.sample(4);
      if (none.length > 0) return `it drew ${none.length} while it was empty`;
      const offered = items();
      for (const item of offered) {
        buffer.add(item);
        const held = new Set(buffer.all().map(idOf));
        for (const count of [0, 1, 3, buffer.size, buffer.size + 5]) {
          const drawn = buffer.sample(count);
          if (drawn.length !== Math.min(count, buffer.size))
            return `of ${buffer.size} it drew ${drawn.length} where ${count} were asked for`;
          if (!drawn.every(({ id }) => held.has(id))) return "it drew an example that it does not hold";
        }
        for (const one of buffer.sample(2)) {
          const found = strange(one, offered, augments);
          if (found) return `of those that it drew, ${found}`;
        }
      }
      return undefined;
    },
  },
  {
    name: "uniform draws",
    must: "draw uniformly, independently and with replacement",
    async run(trial) {
      const buffer = await filled(trial);
      const { size } = buffer;
      const counts = new Map(buffer.all().map(({ id }) => [id, 0]));
      let repeated = size < 8;
      for (let round = 0; round < 200; round++) {
        const drawn = buffer.sample(size).map(idOf);
        for (const id of drawn) counts.set(id, (counts.get(id) ?? 0) + 1);
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
    run: (trial) => (trial.reservoir ? uneven(trial) : undefined),
  },
  {
    name: "reading",
    must: "hold the same after sample and all, whatever becomes of their answers",
    async run(trial) {
      const buffer = await filled(trial);
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
async function uneven({ judged, make }: BufferTrial): Promise<Finding> {
  const [rounds, length] = [20_000, 20];
  const options = judged.options();
  const small = typeof options.capacity === "number" ? { ...options, capacity: 5 } : options;
  const offered = Array.from({ length }, (_, id): Item => ({ x: Float32Array.of(id), y: 0, id }));
  const draw = random(9, "reservoirs");
  const held = new Uint32Array(length);
  let capacity = 0;
  for (let round = 0; round < rounds; round++) {
    const { buffer } = await make(draw, small);
    ({ capacity } = buffer);
    for (const item of offered) buffer.add(item);
    for (const { id } of buffer.all()) held[id]++;
  }
  const p = Math.min(1, capacity / length);
  if (p === 1) return held.some((times) => times !== rounds) ? "it leaves examples out while it has room" : undefined;
  const chiSquare = held.reduce((sum, times) => sum + (times - rounds * p) ** 2 / (rounds * p * (1 - p)), 0);
  if (chiSquare <= 63) return undefined; // the 1 − 10⁻⁶ quantile with 19 degrees of freedom
  const [first, last] = [held[0], held[length - 1]].map((times) => (times / rounds).toFixed(3));
  return `of ${length} examples at capacity ${capacity} the first is held in ${first} and the last in ${last} of ${rounds} buffers, rather than ${p.toFixed(3)}`;
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
    const trial = bufferTrial(judged, setup);
    return { subject: trial, part: await trial.start() };
  });
}
