import { checkLearner, toyBuffer, toyDataset, toyScenario, toyStream } from "@everlearn/conformance";
import type { Buffer, Example, Input, Scenario, Term } from "@everlearn/contracts";
import plugin, { derPlusPlus } from "@everlearn/learner-der-plus-plus";
import { mlp } from "@everlearn/network-mlp";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import { type Lesson, oracle } from "./oracle.js";

type Outputs = readonly number[] | undefined;

/** 200 examples of two tasks. */
function shown(taskLabels: Scenario["taskLabels"]): { examples: Example[]; outputs: number } {
  const stream = toyStream({}, { dataset: toyDataset(), random: random(1) });
  const scenario = toyScenario({ taskLabels }, { stream });
  const examples = [0, 1].flatMap((task) => {
    const train = stream.train(task);
    return Array.from({ length: 100 }, (_, i) => scenario.example(task, train.input(i), train.label(i)));
  });
  return { examples, outputs: scenario.outputs };
}

const memory = (capacity = 30) => toyBuffer({ capacity }, { random: random(3) });
const make = (outputs = 4) => mlp({ hidden: [10] }, { inputs: 16, outputs, random: random(2) });
const distance = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i])));

/** softmax(z) among some outputs, less 1 at y. */
const crossEntropy = (y: number, outputs: Outputs) => (z: readonly number[]) => {
  const powers = z.map((v, o) => (outputs?.includes(o) === false ? 0 : Math.exp(v)));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power, o) => power / sum - (o === y ? 1 : 0));
};

/** The derivative of the mean of (z − logits)² over some outputs. */
const squared = (logits: readonly number[], outputs: Outputs) => (z: readonly number[]) =>
  z.map((v, o) => (outputs?.includes(o) === false ? 0 : (2 * (v - logits[o])) / (outputs ?? z).length));

const lesson = (x: Input, delta: Lesson["delta"], weight: number): Lesson => ({
  x,
  delta: (z) => delta(z).map((d) => weight * d),
});

describe("learner-der-plus-plus", () => {
  it("does what a learner must do", async () => {
    await checkLearner(plugin, { options: { alpha: 0.3, beta: 0.5, rate: 0.1, replay: 3 } });
  });

  it.each([
    { labels: "never", size: 1 },
    { labels: "never", size: 8 },
    { labels: "always", size: 1 },
  ] as const)("follows the paper in dense loops (task labels $labels, batches of $size)", ({ labels, size }) => {
    const { examples, outputs } = shown(labels);
    const network = make(outputs);
    const plain = oracle(network.theta.toArray(), 16, 10, outputs);
    const learner = derPlusPlus({ alpha: 0.7, beta: 0.5, rate: 0.1, replay: 4 }, { network, buffer: memory() });
    const mirror = memory() as Buffer<Example & { logits: number[] }>;
    for (let i = 0; i < examples.length; i += size) {
      const batch = examples.slice(i, i + size);
      learner.observe(batch);
      const met = batch.map((example) => ({ ...example, logits: plain.logits(example.x) }));
      const remembered = mirror.sample(4);
      const labelled = mirror.sample(4);
      plain.step(
        [
          ...batch.map(({ x, y, outputs: own }) => lesson(x, crossEntropy(y, own), 1 / batch.length)),
          ...remembered.map(({ x, logits, outputs: own }) => lesson(x, squared(logits, own), 0.7 / remembered.length)),
          ...labelled.map(({ x, y, outputs: own }) => lesson(x, crossEntropy(y, own), 0.5 / labelled.length)),
        ],
        0.1,
      );
      for (const example of met) mirror.add(example);
    }
    expect(distance(network.theta.toArray(), plain.theta)).toBeLessThan(1e-5);
    expect(distance(plain.theta, make(outputs).theta.toArray())).toBeGreaterThan(0.1);
  });

  it("keeps with an example the logits from before its first step", () => {
    const { examples } = shown("never");
    const network = make();
    const buffer = memory(400);
    const learner = derPlusPlus({ alpha: 1, beta: 0.5, rate: 0.1, replay: 5 }, { network, buffer });
    const expected: Example[] = [];
    for (let i = 0; i < 60; i += 3) {
      const batch = examples.slice(i, i + 3);
      for (const example of batch) {
        const remembered = { ...example, logits: network.logits([example]) };
        expected.push(remembered);
      }
      learner.observe(batch);
    }
    expect(buffer.all()).toEqual(expected);
  });

  it("gives each term one target, and draws twice, independently", () => {
    const { examples } = shown("always");
    const network = make(8);
    const buffer = memory();
    const batches: (readonly Term[])[] = [];
    const samples: Example[][] = [];
    const learner = derPlusPlus(
      { alpha: 1, beta: 0.5, rate: 0.1, replay: 5 },
      {
        network: {
          ...network,
          descend(batch, ...rest) {
            batches.push(batch);
            return network.descend(batch, ...rest);
          },
        },
        buffer: {
          ...buffer,
          sample(count) {
            const drawn = buffer.sample(count);
            samples.push(drawn);
            return drawn;
          },
        },
      },
    );
    for (const example of examples.slice(0, 40)) learner.observe([example]);
    batches.forEach((batch, i) => {
      const targets = batch.map((term) => ["y", "logits", "probabilities", "sigmoids"].filter((key) => key in term));
      const drawn = Array.from({ length: Math.min(5, i) });
      expect(targets).toEqual([["y"], ...drawn.map(() => ["logits"]), ...drawn.map(() => ["y"])]);
      for (const term of batch) expect(term.outputs).toBe(examples.find(({ x }) => x === term.x)?.outputs);
    });
    expect(samples.length).toBe(2 * batches.length);
    const [first, second] = [0, 1].map((kind) => samples.filter((_, i) => i % 2 === kind));
    expect(first).not.toEqual(second);
  });

  it("is online SGD where its draws weigh nothing", () => {
    const { examples } = shown("never");
    const [network, online] = [make(), make()];
    const learner = derPlusPlus({ alpha: 0, beta: 0, rate: 0.1, replay: 4 }, { network, buffer: memory() });
    for (const example of examples) {
      learner.observe([example]);
      online.descend([example], 0.1);
    }
    expect(distance(network.theta.toArray(), online.theta.toArray())).toBeLessThan(1e-5);
  });

  it("refuses more draws than the buffer can hold", () => {
    const given = { network: make(), buffer: memory() };
    expect(() => derPlusPlus({ alpha: 1, beta: 0.5, rate: 0.1, replay: 30 }, given)).not.toThrow();
    expect(() => derPlusPlus({ alpha: 1, beta: 0.5, rate: 0.1, replay: 31 }, given)).toThrow(
      /at most 30; use replay ≤ 30/,
    );
  });
});
