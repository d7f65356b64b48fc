import { checkLearner, toyBuffer, toyDataset, toyScenario, toyStream } from "@everlearn/conformance";
import type { Buffer, Example, Network, Scenario } from "@everlearn/contracts";
import plugin, { erAce } from "@everlearn/learner-er-ace";
import { mlp } from "@everlearn/network-mlp";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import { oracle } from "./oracle.js";

/** 200 examples of two tasks, in batches of the given sizes by turns. */
function lesson(taskLabels: Scenario["taskLabels"], ...sizes: number[]): { batches: Example[][]; outputs: number } {
  const stream = toyStream({}, { dataset: toyDataset(), random: random(1) });
  const scenario = toyScenario({ taskLabels }, { stream });
  const examples = [0, 1].flatMap((task) => {
    const train = stream.train(task);
    return Array.from({ length: 100 }, (_, i) => scenario.example(task, train.input(i), train.label(i)));
  });
  const batches: Example[][] = [];
  while (examples.length > 0) batches.push(examples.splice(0, sizes[batches.length % sizes.length]));
  return { batches, outputs: scenario.outputs };
}

const memory = (capacity = 30): Buffer => toyBuffer({ capacity }, { random: random(3) });
const make = (outputs = 4) => mlp({ hidden: [10] }, { inputs: 16, outputs, random: random(2) });
const exact = (network: Network) => Float64Array.from(network.theta.toArray());
const distance = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i])));

describe("learner-er-ace", () => {
  it("does what a learner must do", async () => {
    await checkLearner(plugin, { options: { alpha: 0.3, replay: 10 } });
  });

  it.each([
    { labels: "never", sizes: [8] },
    { labels: "never", sizes: [3, 2] },
    { labels: "always", sizes: [4, 7] },
  ] as const)("steps on the sum of both means in dense loops (task labels $labels, batches of $sizes)", (given) => {
    const { batches, outputs } = lesson(given.labels, ...given.sizes);
    const network = make(outputs);
    const { gradient } = oracle(16, 10, outputs);
    const theta = exact(network);
    const learner = erAce({ alpha: 0.2, replay: 6 }, { network, buffer: memory() });
    const mirror = memory();
    let narrowed = 0;
    for (const batch of batches) {
      learner.observe(batch);
      const outputsOf = ({ outputs: own }: Example) =>
        Array.from({ length: outputs }, (_, o) => o).filter(
          (o) => batch.some(({ y }) => y === o) && (own === undefined || own.includes(o)),
        );
      if (outputsOf(batch[0]).length < 4) narrowed++;
      const draws = mirror.sample(6);
      const g = gradient(
        theta,
        batch.map((example) => ({ ...example, outputs: outputsOf(example) })),
      );
      if (draws.length > 0) gradient(theta, draws).forEach((value, i) => (g[i] += value));
      g.forEach((value, i) => (theta[i] -= 0.2 * value));
      for (const example of batch) mirror.add(example);
    }
    expect(distance(network.theta.toArray(), theta)).toBeLessThan(1e-5);
    expect(narrowed).toBeGreaterThan(2);
  });

  it("learns from the draws alone where the batch is of one class", () => {
    const [first, second] = lesson("never", 8).batches;
    const one = first.filter(({ y }) => y === first[0].y);
    const network = make();
    const buffer = memory();
    const learner = erAce({ alpha: 0.5, replay: 4 }, { network, buffer });
    const before = network.theta.toArray();
    learner.observe(one);
    expect(network.theta.toArray()).toEqual(before);
    expect(buffer.all()).toEqual(one);

    const theta = exact(network);
    const mirror = memory();
    for (const example of one) mirror.add(example);
    learner.observe([second[0]]);
    const g = oracle(16, 10, 4).gradient(theta, mirror.sample(4));
    expect(
      distance(
        network.theta.toArray(),
        theta.map((value, i) => value - 0.5 * g[i]),
      ),
    ).toBeLessThan(1e-6);
    expect(Math.hypot(...g)).toBeGreaterThan(0.1);
  });

  it("leaves the last layer of classes that are not in the batch as it is, where nothing is replayed", () => {
    const batch = lesson("never", 40).batches[0].filter(({ y }) => y === 0 || y === 2);
    const network = make();
    const before = network.theta.toArray();
    erAce({ alpha: 0.5, replay: 4 }, { network, buffer: memory() }).observe(batch);
    const after = network.theta.toArray();
    const [start, width] = [17 * 10, 4]; // the output layer's weights [10][4] and biases, as one more row
    const moved = [0, 1, 2, 3].map((o) =>
      Array.from({ length: 11 }, (_, i) => start + i * width + o).some((at) => after[at] !== before[at]),
    );
    expect(moved).toEqual([true, false, true, false]);
  });

  it("refuses more draws than the buffer can hold", () => {
    const given = { network: make(), buffer: memory() };
    expect(() => erAce({ alpha: 0.1, replay: 30 }, given)).not.toThrow();
    expect(() => erAce({ alpha: 0.1, replay: 31 }, given)).toThrow(/replay = 31 .* at most 30; use replay ≤ 30/);
  });
});
