import { checkStream, toyDataset, toyStream } from "@everlearn/conformance";
import type { Dataset, Examples, Experience, OptionsSchema, Plugin, Random, Stream } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import { catches, failures } from "./caught.js";

const options = { tasks: { type: "integer", minimum: 1, default: 2, description: "The number of tasks." } } as const;
interface Toy {
  readonly stream: Stream;
  readonly options: { tasks: number };
  readonly dataset: Dataset;
  readonly random: Random;
}

/** Tries the toy stream, but for what is changed. */
const checking =
  (change: (toy: Toy) => Partial<Stream>, setup: { seedless?: boolean } = {}) =>
  () => {
    const plugin: Plugin<"stream", typeof options> = {
      kind: "stream",
      name: "toy",
      contract: 2,
      description: "A stream to try the checks with.",
      options,
      create(given, parts) {
        const stream = toyStream(given, parts);
        return { ...stream, ...change({ stream, options: given, ...parts }) };
      },
    };
    return checkStream(plugin, setup);
  };

/** The toy stream with other training examples. */
const training = (alter: (examples: Experience, task: number, toy: Toy) => Partial<Experience>) =>
  checking((toy) => ({
    train(task) {
      const examples = toy.stream.train(task);
      return { ...examples, ...alter(examples, task, toy) };
    },
  }));

/** Training examples in the same order, whatever the seed. */
const drawless = ({ stream, dataset }: Toy): Partial<Stream> => ({
  train: (task) => toyStream({ tasks: stream.tasks }, { dataset, random: random(0) }).train(task),
});

/** The training examples of both tasks as one experience, in one order. */
function everything(stream: Stream, random: Random, experience: number): Experience {
  if (experience !== 0) throw new RangeError(`There is no experience ${experience}.`);
  const parts = [stream.train(0), stream.train(1)];
  const { length } = parts[0];
  const order = random.fork("order").permutation(2 * length);
  const at = <T>(i: number, look: (part: Experience, place: number) => T): T => {
    if (!(i in order)) throw new RangeError(`There is no example ${i}.`);
    return look(parts[Math.floor(order[i] / length)], order[i] % length);
  };
  return {
    length: 2 * length,
    label: (i) => at(i, (part, place) => part.label(place)),
    input: (i, into) => at(i, (part, place) => part.input(place, into)),
    task: (i) => at(i, (part, place) => part.task(place)),
  };
}

/** Tries a stream made of another one: the other one, but for what is changed. */
const checkingDerived =
  (change: (of: Stream, random: Random) => Partial<Stream>, setup: { of?: () => Stream } = {}) =>
  () => {
    const plugin: Plugin<"stream", OptionsSchema, "of"> = {
      kind: "stream",
      name: "derived",
      contract: 2,
      description: "A stream made of another one.",
      options: {},
      needs: ["of"],
      create: (_, { of, random: own }) => ({ ...of, ...change(of, own) }),
    };
    return checkStream(plugin, setup);
  };

/** The other stream's training examples, each experience in another order. */
const shuffled = (of: Stream, random: Random): Pick<Stream, "train"> => ({
  train(experience) {
    const { length, label, input, task } = of.train(experience);
    const places = random.fork(experience).permutation(length);
    const place = (i: number) => {
      if (i in places) return places[i];
      throw new RangeError(`There is no example ${i}.`);
    };
    return {
      length,
      label: (i) => label(place(i)),
      input: (i, into) => input(place(i), into),
      task: (i) => task(place(i)),
    };
  },
});

describe("checkStream", () => {
  it("passes a sound stream made of another one", () => checkingDerived(shuffled)());
  it("gives it the stream of the setup", async () => {
    const seen = new Set<number>();
    const three = () => toyStream({ tasks: 3 }, { dataset: toyDataset(), random: random(1) });
    await checkingDerived((of, own) => (seen.add(of.tasks), shuffled(of, own)), { of: three })();
    expect([...seen]).toEqual([3]);
  });
  it("catches a stream that changes the one it is made of", async () => {
    const call = checkingDerived((of, own) => {
      const { train } = shuffled({ ...of }, own);
      Object.assign(of, { boundaries: false, train: (experience: number) => train(4 - experience) });
      return { train };
    });
    const found = (await failures(call())).find(({ check }) => check === "sources unchanged");
    expect(found?.sentence).toContain("of.train[0].examples[0].input[");
  });
  it("passes a stream without boundaries, of any number of experiences", () =>
    checking(({ stream, random }) => ({
      experiences: 1,
      boundaries: false,
      train: (experience) => everything(stream, random, experience),
    }))());

  it("passes a sound stream", () => checking(() => ({}))());
  it("passes a sound stream of float inputs", () => {
    const { classes, shape, test, checksum } = toyDataset();
    const floats: Examples = {
      ...test,
      input(i, into = new Float32Array(16)) {
        into.set(Float32Array.from(test.input(i), (byte) => byte / 255));
        return into;
      },
    };
    const dataset = () => ({ classes, shape, checksum, train: floats, test: floats });
    const create: Plugin<"stream">["create"] = (_, parts) => toyStream({ split: true }, parts);
    return checkStream(
      { kind: "stream", name: "toy", contract: 2, description: "Split.", options: {}, create },
      { dataset },
    );
  });
  it("passes a stream without chance that says so", () => checking(drawless, { seedless: true })());

  catches("stream", {
    creation: [checking(() => Object.fromEntries([["tasks"]])), "it has no tasks"],
    purity: [training(({ length }) => ({ length: Math.max(length, Math.random()) })), "it used Math.random()"],
    "options unchanged": [
      checking(({ options: given }) => {
        given.tasks = 1;
        return {};
      }),
      "options.tasks is 1 rather than 2",
    ],
    "sources unchanged": [
      training((_, __, { dataset: { train } }) => ({ input: (i) => train.input(i).fill(0) })),
      "dataset[0][0].input[0] is 0 rather than",
    ],
    classes: [checking(() => ({ classesOf: () => [1, 2, 10] })), "task 0 has class 10 of 10"],
    examples: [training(({ label }) => ({ label: (i) => label(i) + 1 })), "in train(0), the label of example"],
    reading: [
      training(({ input }) => {
        const into = new Uint8Array(64);
        return { input: (i, given = into) => input(i, given) };
      }),
      "in train(0), read again in reverse order, input",
    ],
    experiences: [training((_, task) => ({ task: () => 2 * task })), "in train(1), example 0 is of task 2 of 2"],
    boundaries: [
      training(({ length, task: taskOf }, task) => ({ task: (i) => (i === length - 1 ? 1 - taskOf(i) : task) })),
      "boundaries is true and experience 0 is of tasks 0, 1",
    ],
    "order of reading": [
      checking(({ dataset: { train }, random }) => ({
        train() {
          const places = random.permutation(train.length);
          const input: Examples["input"] = (i, into) => train.input(places[i], into);
          return { ...train, label: (i) => train.label(places[i]), input, task: () => 0 };
        },
      })),
      "read in reverse order, train(1)",
    ],
    "same seed": [
      (() => {
        let instances = 0;
        return checking((toy) => (instances++ % 2 === 0 ? {} : drawless(toy)));
      })(),
      "rather than",
    ],
    "other seed": [checking(drawless), "seeds 1 and 2 give the same"],
    range: [
      checking(({ stream }) => ({ train: (task) => stream.train(Math.max(0, Math.min(task, 1))) })),
      "train(2) answered a object",
    ],
  });
});
