import { checkLearner, toyBuffer } from "@everlearn/conformance";
import type { Example } from "@everlearn/contracts";
import plugin, { derPlusPlus } from "@everlearn/learner-der-plus-plus";
import { mlp } from "@everlearn/network-mlp";
import {
  batches,
  denseNetwork,
  distance,
  lesson,
  plus,
  queryOf,
  recordDraws,
  recordSteps,
  thetaOf,
} from "@everlearn/oracle";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";

type Remembered = Example & { readonly logits: Float32Array };

const { examples } = lesson();
const memory = (capacity = 30) => toyBuffer({ capacity }, { random: random(3) });
const make = (outputs = 4) => mlp({ hidden: [10] }, { inputs: 16, outputs, random: random(2) });

describe("learner-der-plus-plus", () => {
  it("conforms to the learner contract", async () => {
    await checkLearner(plugin, { options: { alpha: 0.3, beta: 0.5, rate: 0.1, replay: 3 } });
  });

  it.each([
    { taskLabels: "never", size: 1 },
    { taskLabels: "never", size: 8 },
    { taskLabels: "always", size: 1 },
  ] as const)("steps on the paper's loss (task labels $taskLabels, batches of $size)", ({ taskLabels, size }) => {
    const { examples: shown, outputs } = lesson({ taskLabels });
    const network = make(outputs);
    const { gradient, logits } = denseNetwork(16, 10, outputs);
    let theta = thetaOf(network);
    const learner = derPlusPlus({ alpha: 0.7, beta: 0.5, rate: 0.1, replay: 4 }, { network, buffer: memory() });
    const mirror = toyBuffer<Remembered>({ capacity: 30 }, { random: random(3) });
    for (const batch of batches(shown, size)) {
      learner.observe(batch);
      const met = batch.map((example) => ({ ...example, logits: Float32Array.from(logits(theta, example.x)) }));
      let total = gradient(theta, batch);
      const remembered = mirror.sample(4).map((one) => ({ ...queryOf(one), logits: one.logits }));
      const labelled = mirror.sample(4).map((one) => ({ ...queryOf(one), y: one.y }));
      if (remembered.length > 0) {
        total = plus(total, gradient(theta, remembered), 0.7);
        total = plus(total, gradient(theta, labelled), 0.5);
      }
      theta = plus(theta, total, -0.1);
      for (const example of met) mirror.add(example);
    }
    expect(distance(network.theta.toArray(), theta)).toBeLessThan(1e-5);
    expect(distance(theta, make(outputs).theta.toArray())).toBeGreaterThan(0.1);
  });

  it("keeps with an example the logits from before its first step", () => {
    const [network, buffer] = [make(), memory(400)];
    const learner = derPlusPlus({ alpha: 1, beta: 0.5, rate: 0.1, replay: 5 }, { network, buffer });
    const expected: Example[] = [];
    for (const batch of batches(examples.slice(0, 60), 3)) {
      const met = batch.map((example) => ({ ...example, logits: network.logits([example]) }));
      expected.push(...met);
      learner.observe(batch);
    }
    expect(buffer.all()).toEqual(expected);
  });

  it("gives each term one target, and draws twice a step, independently", () => {
    const { examples: shown, outputs } = lesson({ taskLabels: "always" });
    const [network, buffer] = [make(outputs), memory()];
    const [steps, draws] = [recordSteps(network), recordDraws(buffer)];
    const learner = derPlusPlus({ alpha: 1, beta: 0.5, rate: 0.1, replay: 5 }, { network, buffer });
    for (const example of shown.slice(0, 40)) learner.observe([example]);
    expect(steps.length).toBe(40);
    steps.forEach(({ batch }, i) => {
      const targets = batch.map((term) => ["y", "logits", "probabilities", "sigmoids"].filter((key) => key in term));
      const drawn = Array.from({ length: Math.min(5, i) });
      expect(targets).toEqual([["y"], ...drawn.map(() => ["logits"]), ...drawn.map(() => ["y"])]);
      for (const term of batch) expect(term.outputs).toBe(shown.find(({ x }) => x === term.x)?.outputs);
    });
    expect(draws.length).toBe(2 * steps.length);
    const [first, second] = [0, 1].map((kind) => draws.filter((_, i) => i % 2 === kind));
    expect(first).not.toEqual(second);
  });

  it("is online SGD where its draws weigh nothing", () => {
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
