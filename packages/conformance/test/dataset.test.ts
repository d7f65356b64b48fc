import { checkDataset, toyDataset } from "@everlearn/conformance";
import type { Dataset, OptionsSchema, Plugin } from "@everlearn/contracts";
import { describe, it } from "vitest";
import { catches } from "./caught.js";

const options = { train: { type: "integer", minimum: 1, default: 40, description: "Training examples." } } as const;

/** Tries the toy data set, but for what is changed. */
const checking = (change: (dataset: Dataset, options: { train: number }) => Partial<Dataset>) => () => {
  const plugin: Plugin<"dataset", typeof options> = {
    kind: "dataset",
    name: "toy",
    contract: 2,
    description: "A data set to try the checks with.",
    options,
    create(given) {
      const dataset = toyDataset(given);
      return { ...dataset, ...change(dataset, given) };
    },
  };
  return checkDataset(plugin);
};
let instances = 0;

describe("checkDataset", () => {
  it("passes a sound data set", () => checking(() => ({}))());

  it("passes a data set made of another one", () => {
    const swapped: Plugin<"dataset", OptionsSchema, "of"> = {
      kind: "dataset",
      name: "swapped",
      contract: 2,
      description: "Another data set, with its test examples for training.",
      options: {},
      needs: ["of"],
      create: (_, { of }) => ({ ...of, train: of.test }),
    };
    return checkDataset(swapped);
  });

  catches("dataset", {
    creation: [checking(({ train }) => ({ train: train.label(train.length) as never })), "it threw RangeError"],
    purity: [checking(({ classes }) => ({ classes: Math.max(classes, Math.random()) })), "it used Math.random()"],
    "options unchanged": [
      checking((_, given) => {
        given.train++;
        return {};
      }),
      "options.train is 41 rather than 40",
    ],
    examples: [checking(() => ({ shape: [4, 5, 1] })), "input 0 has 16 values where the shape [4, 5, 1] has 20"],
    classes: [checking(() => ({ classes: 5 })), "there is none of class 4 of 5"],
    "class names": [checking(() => ({ classNames: ["a", "b", "c"] })), "it has 3 names for 4 classes"],
    reading: [
      checking(({ train }) => ({ train: { ...train, input: (i) => train.input(i) } })),
      "in train, input(0, into) did not answer into",
    ],
    "same content": [checking(() => (instances++ % 2 === 0 ? {} : toyDataset({ seed: 1, train: 40 }))), "rather than"],
    checksum: [checking(({ checksum }) => ({ checksum: checksum.toUpperCase() })), 'it is "'],
    range: [
      checking(({ test }) => ({ test: { ...test, label: (i) => test.label(i % test.length) } })),
      "test.label(120) answered a number",
    ],
  });
});
