import { checkLearner, toyDataset, toyScenario, toyStream } from "@everlearn/conformance";
import type { Example, Network, OptionsFor, Scenario } from "@everlearn/contracts";
import plugin, { si } from "@everlearn/learner-si";
import { mlp } from "@everlearn/network-mlp";
import { adam } from "@everlearn/optimizer-adam";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import { oracle } from "./oracle.js";

/** Three tasks of 70 examples. */
function lesson(taskLabels: Scenario["taskLabels"]): { tasks: Example[][]; outputs: number } {
  const stream = toyStream({ tasks: 3 }, { dataset: toyDataset(), random: random(1) });
  const scenario = toyScenario({ taskLabels }, { stream });
  const tasks = [0, 1, 2].map((task) => {
    const train = stream.train(task);
    return Array.from({ length: 70 }, (_, i) => scenario.example(task, train.input(i), train.label(i)));
  });
  return { tasks, outputs: scenario.outputs };
}

const { tasks } = lesson("training");
const make = (outputs = 4) => mlp({ hidden: [10] }, { inputs: 16, outputs, random: random(2) });

/** θ after SI learnt the tasks with a network, one by one. */
function learnt(options: OptionsFor<typeof plugin.options>, shown = tasks, network: Network = make()): Float32Array {
  const learner = si(options, { network });
  for (const examples of shown) {
    for (const example of examples) learner.observe([example]);
    learner.endTask?.();
  }
  return network.theta.toArray();
}

/** θ as the paper has it, in double precision but for what `step` moves. */
function textbook(
  { c, xi }: { c: number; xi: number },
  theta: () => ArrayLike<number>,
  gradient: (batch: readonly Example[]) => ArrayLike<number>,
  step: (total: Float64Array) => void,
  shown: Example[][],
): void {
  const { length } = theta();
  const omega = new Float64Array(length);
  for (const examples of shown) {
    const start = Float64Array.from(theta());
    const path = new Float64Array(length);
    for (const example of examples) {
      const before = Float64Array.from(theta());
      const g = gradient([example]);
      step(before.map((value, i) => g[i] + 2 * c * omega[i] * (value - start[i])));
      for (let i = 0; i < length; i++) path[i] -= g[i] * (theta()[i] - before[i]);
    }
    for (let i = 0; i < length; i++) omega[i] = Math.max(0, omega[i] + path[i] / ((theta()[i] - start[i]) ** 2 + xi));
  }
}

const distance = (a: Float32Array, b: ArrayLike<number>) => Math.max(...a.map((value, i) => Math.abs(value - b[i])));

describe("learner-si", () => {
  it("does what a learner must do", async () => {
    await checkLearner(plugin, { options: { alpha: 0.1, c: 0.1 } });
    await checkLearner(plugin, { options: { alpha: 0.05, c: 0.01, xi: 0.01 } });
  });

  it.each(["training", "always"] as const)("steps on loss + c Σ Ω(θ − θ*)² (task labels %s)", (labels) => {
    const { tasks: shown, outputs } = lesson(labels);
    const theta = Float64Array.from(make(outputs).theta.toArray());
    const gradient = oracle(16, 10, outputs);
    const step = (total: Float64Array) => total.forEach((value, i) => (theta[i] -= 0.1 * value));
    textbook(
      { c: 0.05, xi: 0.05 },
      () => theta,
      (batch) => gradient(theta, batch),
      step,
      shown,
    );
    const own = learnt({ alpha: 0.1, c: 0.05, xi: 0.05 }, shown, make(outputs));
    expect(distance(own, theta)).toBeLessThan(1e-5);
    expect(distance(learnt({ alpha: 0.1, c: 0, xi: 0.05 }, shown, make(outputs)), own)).toBeGreaterThan(0.02);
  });

  it("measures what the optimizer moved, also where that is not −α times the gradient", () => {
    const mirror = adam({}, { network: make() });
    const vector = mirror.vector();
    const step = (total: Float64Array) => {
      vector.fromArray(Float32Array.from(total));
      mirror.step(vector, 0.005);
    };
    const gradient = (batch: readonly Example[]) => mirror.gradient(batch).toArray();
    textbook({ c: 5, xi: 0.1 }, () => mirror.theta.toArray(), gradient, step, tasks);
    const own = learnt({ alpha: 0.005, c: 5 }, tasks, adam({}, { network: make() }));
    expect(distance(own, mirror.theta.toArray())).toBeLessThan(1e-5);
    expect(distance(learnt({ alpha: 0.005, c: 0 }, tasks, adam({}, { network: make() })), own)).toBeGreaterThan(0.02);
  });

  it("credits the weights with what the loss fell by, Σω ≈ L(start) − L(end) where steps are small", () => {
    const network = make();
    const learner = si({ alpha: 0.01, c: 1 }, { network });
    const batch = tasks[0].slice(0, 30);
    const loss = () => network.losses(batch).reduce((sum, one) => sum + one, 0) / batch.length;
    const before = loss();
    for (let i = 0; i < 300; i++) learner.observe(batch);
    const fallen = before - loss();
    const { path } = learner.save() as { path: Float32Array };
    expect(fallen).toBeGreaterThan(0.2);
    expect(path.reduce((sum, omega) => sum + omega, 0) / fallen).toBeCloseTo(1, 2);
  });

  it("leaves the surrogate loss out of the path integral, and never pushes a weight away", () => {
    const network = make();
    const rates = network.vector();
    rates.fromArray(network.theta.toArray().map((_, i) => (i % 3 === 0 ? -0.01 : 0.05))); // a third goes uphill
    const step: Network["step"] = (g) => network.step(g, rates);
    const learner = si({ alpha: 0.05, c: 0.1 }, { network: { ...network, step } });
    const state = () => learner.save() as Record<"path" | "importance" | "start", Float32Array>;
    for (const example of tasks[0]) learner.observe([example]);
    expect(Math.min(...state().path)).toBeLessThan(-1e-4);
    learner.endTask?.();
    expect(Math.min(...state().importance)).toBe(0);
    expect(Math.max(...state().path.map(Math.abs))).toBe(0);
    expect(state().start).toEqual(network.theta.toArray());
    for (const example of tasks[1].slice(0, 20)) learner.observe([example]);
    const [before, theta] = [state().path, network.theta.toArray()];
    const g = network.gradient([tasks[1][20]]).toArray();
    learner.observe([tasks[1][20]]);
    const credit = network.theta.toArray().map((value, i) => -g[i] * (value - theta[i]));
    expect(
      distance(
        state().path.map((value, i) => value - before[i]),
        credit,
      ),
    ).toBeLessThan(1e-7);
  });
});
