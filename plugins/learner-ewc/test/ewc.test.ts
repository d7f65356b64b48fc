import { checkLearner, toyDataset, toyScenario, toyStream } from "@everlearn/conformance";
import type { Example, OptionsFor, Scenario } from "@everlearn/contracts";
import plugin, { ewc } from "@everlearn/learner-ewc";
import { mlp } from "@everlearn/network-mlp";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import { oracle } from "./oracle.js";

type Options = OptionsFor<typeof plugin.options>;

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

/** θ after EWC learnt the tasks, in batches of `size`. */
function learnt(options: Options, shown = tasks, outputs = 4, size = 1): Float32Array {
  const network = make(outputs);
  const learner = ewc(options, { network });
  for (const examples of shown) {
    for (let i = 0; i < examples.length; i += size) learner.observe(examples.slice(i, i + size));
    learner.endTask?.();
  }
  return network.theta.toArray();
}

const distance = (a: Float32Array, b: ArrayLike<number>) => Math.max(...a.map((value, i) => Math.abs(value - b[i])));

/** A task's Fisher information by its definition, in double precision. */
function fisherOf(kind: string, theta: Float64Array, examples: readonly Example[], outputs: number): Float64Array {
  const gradient = oracle(16, 10, outputs);
  if (kind === "batch") return gradient(theta, examples).map((g) => g ** 2);
  const f = new Float64Array(theta.length);
  for (const example of examples) {
    for (const y of kind === "exact" ? (example.outputs ?? [0, 1, 2, 3]) : [example.y]) {
      const g = gradient(theta, [{ ...example, y }]);
      const p = 1 + g[theta.length - outputs + y]; // the derivative by the bias of output y is p(y) − 1
      const weight = (kind === "exact" ? p : 1) / examples.length;
      for (let i = 0; i < f.length; i++) f[i] += weight * g[i] ** 2;
    }
  }
  return f;
}

describe("learner-ewc", () => {
  it.each(["batch", "empirical", "exact"] as const)("does what a learner must do (%s)", async (fisher) => {
    await checkLearner(plugin, { options: { alpha: 0.1, lambda: 5, fisher } });
    await checkLearner(plugin, { options: { alpha: 0.2, lambda: 1, n: 40, fisher }, examples: 80 });
  });

  it.each([
    { fisher: "batch", labels: "training", size: 1, lambda: 20 },
    { fisher: "batch", labels: "always", size: 1, lambda: 20 },
    { fisher: "empirical", labels: "training", size: 1, lambda: 1 },
    { fisher: "empirical", labels: "always", size: 3, lambda: 1 },
    { fisher: "exact", labels: "training", size: 4, lambda: 1 },
    { fisher: "exact", labels: "always", size: 1, lambda: 1 },
  ] as const)("steps on loss + λ Σ_past Σ F(θ − θ*)² ($fisher, task labels $labels, batches of $size)", (given) => {
    const { fisher, labels, size, lambda } = given;
    const { tasks: shown, outputs } = lesson(labels);
    const theta = Float64Array.from(make(outputs).theta.toArray());
    const gradient = oracle(16, 10, outputs);
    const past: { f: Float64Array; at: Float64Array }[] = [];
    for (const examples of shown) {
      for (let i = 0; i < examples.length; i += size) {
        const total = gradient(theta, examples.slice(i, i + size));
        for (const { f, at } of past)
          for (let j = 0; j < f.length; j++) total[j] += 2 * lambda * f[j] * (theta[j] - at[j]);
        for (let j = 0; j < theta.length; j++) theta[j] -= 0.1 * total[j];
      }
      past.push({ f: fisherOf(fisher, theta, examples.slice(0, 12), outputs), at: theta.slice() });
    }
    const options = { alpha: 0.1, n: 12, fisher };
    const own = learnt({ ...options, lambda }, shown, outputs, size);
    expect(distance(own, theta)).toBeLessThan(1e-5);
    expect(distance(learnt({ ...options, lambda: 0 }, shown, outputs, size), own)).toBeGreaterThan(0.01);
  });

  it("adds the gradient of the penalty, as finite differences of it have it", () => {
    const network = make();
    const [alpha, lambda] = [0.05, 30];
    const learner = ewc({ alpha, lambda, n: 5 }, { network });
    const past: { f: Float32Array; at: Float32Array }[] = [];
    for (const examples of tasks.slice(0, 2)) {
      for (const example of examples) learner.observe([example]);
      past.push({ f: network.gradient(examples.slice(0, 5)).toArray(), at: network.theta.toArray() });
      learner.endTask?.();
    }
    for (const example of tasks[2].slice(0, 10)) learner.observe([example]); // away from θ*
    const theta = network.theta.toArray();
    const penalty = (i: number, value: number) =>
      past.reduce((sum, { f, at }) => sum + lambda * f[i] ** 2 * (value - at[i]) ** 2, 0);
    const g = network.gradient([tasks[2][10]]).toArray();
    learner.observe([tasks[2][10]]);
    const slopes = network.theta.toArray().map((value, i) => (theta[i] - value) / alpha - g[i]);
    const expected = theta.map((value, i) => (penalty(i, value + 0.01) - penalty(i, value - 0.01)) / 0.02);
    expect(distance(slopes, expected)).toBeLessThan(2e-5);
    expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(0.005);
  });

  it("is plain SGD until the first task ends, and always where λ = 0", () => {
    const sgd = (shown: Example[][]) => {
      const network = make();
      for (const example of shown.flat()) network.descend([example], 0.1);
      return network.theta.toArray();
    };
    expect(distance(learnt({ alpha: 0.1, lambda: 100 }, tasks.slice(0, 1)), sgd(tasks.slice(0, 1)))).toBeLessThan(1e-6);
    expect(distance(learnt({ alpha: 0.1, lambda: 0 }), sgd(tasks))).toBeLessThan(1e-5);
  });

  it("keeps the first n examples of the task under way, and none of it afterwards", () => {
    const learner = ewc({ alpha: 0.1, lambda: 1, n: 7 }, { network: make() });
    const kept = () => (learner.save() as { first: Example[] }).first;
    learner.observe(tasks[0].slice(0, 5));
    expect(kept()).toEqual(tasks[0].slice(0, 5));
    learner.observe(tasks[0].slice(5, 10));
    learner.observe(tasks[0].slice(10));
    expect(kept()).toEqual(tasks[0].slice(0, 7));
    learner.endTask?.();
    expect(kept()).toEqual([]);
  });
});
