import { checkLearner, referenceNetwork } from "@everlearn/conformance";
import type { Example, Query } from "@everlearn/contracts";
import plugin, { xdg } from "@everlearn/learner-xdg";
import { convnet } from "@everlearn/network-convnet";
import { mlp } from "@everlearn/network-mlp";
import { batches, byTask, denseNetwork, distance, lesson, plus, range, softmax, thetaOf } from "@everlearn/oracle";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";

const { tasks, queries, outputs } = lesson({ tasks: 3, examples: 80, taskLabels: "always" });
const sizes = [16, 10, 6, outputs];
const make = () => mlp({ hidden: [10, 6] }, { inputs: 16, outputs, random: random(2) });
const examples = [...tasks[1].slice(0, 40), ...range(40).flatMap((i) => tasks.map((own) => own[i + 40])), ...tasks[0]];

/** The hidden units that take part in a task, layer by layer. */
function openUnits(task: number, gated: number): Set<number>[] {
  const draw = random(4).fork(`task-${task}`);
  return [10, 6].map((units) => new Set(draw.permutation(units, Math.max(1, units - Math.round(gated * units)))));
}

/** A dense ReLU network whose closed units are multiplied by 0, as the paper has it. */
function gatedNetwork(open: readonly Set<number>[]) {
  const starts = [0, 17 * 10, 17 * 10 + 11 * 6];
  const weight = (l: number, i: number, j: number) => starts[l] + i * sizes[l + 1] + j;
  function forward(theta: Float64Array, x: Query["x"]): number[][] {
    const values = [Array.from(x, (byte) => byte / 255)];
    for (let l = 0; l < 3; l++)
      values.push(
        range(sizes[l + 1]).map((j) => {
          const z = [...values[l], 1].reduce((sum, value, i) => sum + value * theta[weight(l, i, j)], 0);
          return l === 2 ? z : Math.max(z, 0) * Number(open[l].has(j));
        }),
      );
    return values;
  }
  return {
    answer(theta: Float64Array, { x, outputs: own }: Query): number {
      const p = softmax(forward(theta, x)[3], own);
      return p.indexOf(Math.max(...p));
    },
    gradient(theta: Float64Array, batch: readonly Example[]): Float64Array {
      const into = theta.map(() => 0);
      for (const { x, y, outputs: own } of batch) {
        const values = forward(theta, x);
        let delta = softmax(values[3], own).map((p, o) => (p - Number(o === y)) / batch.length);
        for (let l = 2; l >= 0; l--) {
          [...values[l], 1].forEach((value, i) => delta.forEach((d, j) => (into[weight(l, i, j)] += value * d)));
          delta = values[l].map((value, i) =>
            value > 0 ? delta.reduce((sum, d, j) => sum + d * theta[weight(l, i, j)], 0) : 0,
          );
        }
      }
      return into;
    },
  };
}

describe("learner-xdg", () => {
  it("conforms to the learner contract", async () => {
    await checkLearner(plugin, { options: { alpha: 0.3, gated: 0.3 } });
    await checkLearner(plugin, { options: { alpha: 0.2, gated: 0 } });
  });

  it.each([
    { gated: 0.8, size: 1 },
    { gated: 0.5, size: 7 },
    { gated: 0.99, size: 3 },
  ])("is SGD on a network whose units are gated (X = $gated, batches of $size)", ({ gated, size }) => {
    const network = make();
    const learner = xdg({ alpha: 0.1, gated }, { network, random: random(4) });
    let theta = thetaOf(network);
    for (const batch of batches(examples, size)) {
      learner.observe(batch);
      for (const { task, part } of byTask(batch))
        theta = plus(theta, gatedNetwork(openUnits(task, gated)).gradient(theta, part), -0.1);
    }
    expect(distance(network.theta.toArray(), theta)).toBeLessThan(1e-5);
    expect(distance(theta, make().theta.toArray())).toBeGreaterThan(0.1);
    const answers = learner.predict(queries.flat());
    const expected = queries.flatMap((own, task) =>
      own.map((query) => gatedNetwork(openUnits(task, gated)).answer(theta, query)),
    );
    expect([...answers]).toEqual(expected);
    const { predict } = denseNetwork(...sizes);
    expect(queries.flat().map((query) => predict(theta, query))).not.toEqual(expected);
  });

  it("is online SGD where nothing is gated", () => {
    const [network, plain] = [make(), make()];
    const learner = xdg({ alpha: 0.1, gated: 0 }, { network, random: random(4) });
    for (const example of tasks[1]) {
      learner.observe([example]);
      plain.descend([example], 0.1);
    }
    expect(distance(network.theta.toArray(), plain.theta.toArray())).toBeLessThan(1e-6);
  });

  it("leaves alone the weights that lead to or from units which other tasks use", () => {
    const network = make();
    const before = thetaOf(network);
    const learner = xdg({ alpha: 0.1 }, { network, random: random(4) });
    for (const example of tasks[2]) learner.observe([example]);
    const [first, second] = openUnits(2, 0.8);
    const moved = thetaOf(network).map((value, i) => value - before[i]);
    range(16 * 10).forEach((i) => !first.has(i % 10) && expect(moved[i]).toBe(0));
    range(10 * 6).forEach((i) => {
      if (!first.has(Math.floor(i / 6)) || !second.has(i % 6)) expect(moved[170 + i]).toBe(0);
    });
    expect(moved.some((value) => value !== 0)).toBe(true);
  });

  it("silences whole channels, also behind a normalisation, and where outputs lie along the first dimension", () => {
    const layers = [
      { layer: "conv", filters: 10, kernel: 2 },
      { layer: "batch norm" },
      { layer: "relu" },
      { layer: "global average" },
    ];
    const channels = convnet({ layers }, { shape: [4, 4, 1], inputs: 16, outputs, random: random(1) });
    const shift = channels.theta.toArray().map((value, i) => (i >= 60 && i < 70 ? 1 : value)); // β = 1: ReLU lets it pass
    channels.theta.fromArray(shift);
    const rows = referenceNetwork({ hidden: 10 }, { inputs: 16, outputs, random: random(1) });
    rows.theta.fromArray(rows.theta.toArray().map((value, i) => (i >= 160 && i < 170 ? 5 : value))); // biases
    for (const network of [channels, rows]) {
      const draw = random(4).fork("task-1");
      const open = new Set(draw.permutation(10, 2));
      let seen = new Float32Array();
      const { predict } = network;
      network.predict = (given) => {
        seen = network.features(given.slice(0, 1)) as Float32Array<ArrayBuffer>;
        return predict(given);
      };
      xdg({ alpha: 0.1 }, { network, random: random(4) }).predict(queries[1]);
      expect([...seen].map((value) => value !== 0)).toEqual(range(10).map((unit) => open.has(unit)));
    }
  });

  it("refuses a network that does not say what its parameters are, and examples without a task label", () => {
    const { tensors: _, ...network } = make();
    expect(() => xdg({ alpha: 0.1 }, { network, random: random(4) })).toThrow(
      /^Learner xdg has to know which parameters are weights.*use one that does, such as mlp or convnet\.$/,
    );
    const learner = xdg({ alpha: 0.1 }, { network: make(), random: random(4) });
    const { x, y } = tasks[0][0];
    expect(() => learner.observe([{ x, y }])).toThrow(/needs task labels in training and at test/);
    expect(() => learner.predict([{ x }])).toThrow(/needs task labels in training and at test/);
  });
});
