import { checkLearner } from "@everlearn/conformance";
import type { Example, OptionsFor } from "@everlearn/contracts";
import plugin, { ewc } from "@everlearn/learner-ewc";
import { mlp } from "@everlearn/network-mlp";
import { batches, denseNetwork, distance, gradientOf, lesson, plus, range, softmax, thetaOf } from "@everlearn/oracle";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";

type Options = OptionsFor<typeof plugin.options>;

const { tasks } = lesson({ tasks: 3, examples: 70, taskLabels: "training" });
const make = (outputs = 4) => mlp({ hidden: [10] }, { inputs: 16, outputs, random: random(2) });

/** θ after EWC learnt the tasks, in batches of `size`. */
function learnt(options: Options, shown = tasks, outputs = 4, size = 1): Float32Array {
  const network = make(outputs);
  const learner = ewc(options, { network });
  for (const examples of shown) {
    for (const batch of batches(examples, size)) learner.observe(batch);
    learner.endTask?.();
  }
  return network.theta.toArray();
}

/** A task's Fisher information by its definition. */
function fisherOf(kind: string, theta: Float64Array, examples: readonly Example[], outputs: number): Float64Array {
  const { gradient, logits } = denseNetwork(16, 10, outputs);
  const squared = (batch: readonly Example[]) => gradient(theta, batch).map((g) => g ** 2);
  if (kind === "batch") return squared(examples);
  let f = new Float64Array(theta.length);
  for (const example of examples) {
    const p = softmax(logits(theta, example.x), example.outputs);
    for (const y of kind === "exact" ? (example.outputs ?? range(outputs)) : [example.y]) {
      const weight = kind === "exact" ? p[y] : 1;
      f = plus(f, squared([{ ...example, y }]), weight / examples.length);
    }
  }
  return f;
}

describe("learner-ewc", () => {
  it.each(["batch", "empirical", "exact"] as const)("conforms to the learner contract (%s)", async (fisher) => {
    await checkLearner(plugin, { options: { alpha: 0.1, lambda: 5, fisher } });
    await checkLearner(plugin, { options: { alpha: 0.2, lambda: 1, n: 40, fisher }, examples: 80 });
  });

  it.each([
    { fisher: "batch", taskLabels: "training", size: 1, lambda: 20 },
    { fisher: "batch", taskLabels: "always", size: 1, lambda: 20 },
    { fisher: "empirical", taskLabels: "training", size: 1, lambda: 1 },
    { fisher: "empirical", taskLabels: "always", size: 3, lambda: 1 },
    { fisher: "exact", taskLabels: "training", size: 4, lambda: 1 },
    { fisher: "exact", taskLabels: "always", size: 1, lambda: 1 },
  ] as const)("steps on loss + λ Σ_past Σ F(θ − θ*)² ($fisher, task labels $taskLabels, batches of $size)", (given) => {
    const { fisher, taskLabels, size, lambda } = given;
    const { tasks: shown, outputs } = lesson({ tasks: 3, examples: 70, taskLabels });
    const { gradient } = denseNetwork(16, 10, outputs);
    let theta = thetaOf(make(outputs));
    const past: { f: Float64Array; anchor: Float64Array }[] = [];
    for (const examples of shown) {
      for (const batch of batches(examples, size)) {
        let total = gradient(theta, batch);
        for (const { f, anchor } of past) {
          const pull = plus(theta, anchor, -1).map((away, i) => f[i] * away);
          total = plus(total, pull, 2 * lambda);
        }
        theta = plus(theta, total, -0.1);
      }
      past.push({ f: fisherOf(fisher, theta, examples.slice(0, 12), outputs), anchor: theta });
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
    const past: { f: Float32Array; anchor: Float32Array }[] = [];
    for (const examples of tasks.slice(0, 2)) {
      for (const example of examples) learner.observe([example]);
      past.push({ f: gradientOf(network, examples.slice(0, 5)).toArray(), anchor: network.theta.toArray() });
      learner.endTask?.();
    }
    for (const example of tasks[2].slice(0, 10)) learner.observe([example]); // away from θ*
    const theta = thetaOf(network);
    const penalty = (i: number, value: number) =>
      past.reduce((sum, { f, anchor }) => sum + lambda * f[i] ** 2 * (value - anchor[i]) ** 2, 0);
    const g = gradientOf(network, [tasks[2][10]]).toArray();
    learner.observe([tasks[2][10]]);
    const slopes = thetaOf(network).map((value, i) => (theta[i] - value) / alpha - g[i]);
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
