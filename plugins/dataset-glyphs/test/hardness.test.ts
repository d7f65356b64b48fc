import type { Example, Examples } from "@everlearn/contracts";
import { mlp } from "@everlearn/network-mlp";
import { range } from "@everlearn/oracle";
import { random } from "@everlearn/random";
import { expect, it } from "vitest";
import { glyphs } from "../src/index.js";

const drawn = ({ length, input, label }: Examples): Example[] =>
  range(length).map((i) => ({ x: input(i), y: label(i) }));
const { train, test } = glyphs({ train: 20_000, test: 5000 });
const [examples, tests] = [drawn(train), drawn(test)];

/** The test accuracy of a ReLU network after plain SGD, one example a step, at a rate that falls to 0. */
function accuracyOf(hidden: readonly number[], epochs: number): number {
  const network = mlp({ hidden }, { inputs: 784, outputs: 10, random: random(0) });
  const order = range(epochs).flatMap((epoch) => [...random(1, `epoch-${epoch}`).permutation(examples.length)]);
  order.forEach((i, done) => network.descend([examples[i]], 0.02 * (1 - done / order.length)));
  const answers = network.predict(tests);
  return tests.filter(({ y }, i) => answers[i] === y).length / tests.length;
}

it("is too hard for a linear model", () => {
  const accuracy = accuracyOf([], 12);
  expect(accuracy).toBeGreaterThan(0.8);
  expect(accuracy).toBeLessThan(0.93);
});

it("is not too hard for a small network", () => {
  expect(accuracyOf([100, 100], 6)).toBeGreaterThan(0.96);
});
