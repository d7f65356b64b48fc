import { checkStream, toyDataset, toyStream } from "@everlearn/conformance";
import type { Dataset, Examples, Plugin, Random, Stream } from "@everlearn/contracts";
import { describe, it } from "vitest";
import { catches } from "./caught.js";

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
const training = (alter: (examples: Examples, task: number, toy: Toy) => Partial<Examples>) =>
  checking((toy) => ({
    train(task) {
      const examples = toy.stream.train(task);
      return { ...examples, ...alter(examples, task, toy) };
    },
  }));

/** Training examples in the order of the test examples. */
const drawless = ({ stream }: Toy): Partial<Stream> => ({ train: (task) => stream.test(task) });

describe("checkStream", () => {
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
    return checkStream({ kind: "stream", name: "toy", description: "Split.", options: {}, create }, { dataset });
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
    "data set unchanged": [
      training((_, __, { dataset: { train } }) => ({ input: (i) => train.input(i).fill(0) })),
      "[0][0].input[0] is 0 rather than",
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
    "order of tasks": [
      checking(({ dataset: { train }, random }) => ({
        train() {
          const places = random.permutation(train.length);
          const input: Examples["input"] = (i, into) => train.input(places[i], into);
          return { ...train, label: (i) => train.label(places[i]), input };
        },
      })),
      "read in reverse order, of task 1",
    ],
    "same seed": [
      (() => {
        let instances = 0;
        return checking((toy) => (instances++ % 2 === 0 ? {} : { train: (task) => toy.stream.test(task) }));
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
