import { checkLearner } from "@everlearn/conformance";
import type { Example, OptionsFor } from "@everlearn/contracts";
import plugin, { mas } from "@everlearn/learner-mas";
import { mlp } from "@everlearn/network-mlp";
import { batches, denseNetwork, distance, lesson, plus, thetaOf } from "@everlearn/oracle";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";

type Options = OptionsFor<typeof plugin.options>;

const { tasks } = lesson({ tasks: 3, examples: 60, taskLabels: "training" });
const make = (outputs = 4) => mlp({ hidden: [10] }, { inputs: 16, outputs, random: random(2) });

/** θ after MAS learnt the tasks, in batches of `size`. */
function learnt(options: Options, shown = tasks, outputs = 4, size = 1): Float32Array {
  const network = make(outputs);
  const learner = mas(options, { network });
  for (const examples of shown) {
    for (const batch of batches(examples, size)) learner.observe(batch);
    learner.endTask?.();
  }
  return network.theta.toArray();
}

/** The mean of |∂‖z‖²/∂θ|, by finite differences of ‖z‖². */
function importanceOf(theta: Float64Array, examples: readonly Example[], outputs: number): Float64Array {
  const { logits } = denseNetwork(16, 10, outputs);
  const length = (at: Float64Array, { x, outputs: own }: Example) =>
    logits(at, x).reduce((sum, z, o) => sum + (own === undefined || own.includes(o) ? z ** 2 : 0), 0);
  return theta.map(
    (value, i) =>
      examples.reduce((sum, example) => {
        const [up, down] = [1e-5, -1e-5].map((h) => length(theta.with(i, value + h), example));
        return sum + Math.abs(up - down) / 2e-5;
      }, 0) / examples.length,
  );
}

describe("learner-mas", () => {
  it("conforms to the learner contract", async () => {
    await checkLearner(plugin, { options: { alpha: 0.1, lambda: 0.01 } });
    await checkLearner(plugin, { options: { alpha: 0.05, lambda: 0.1, n: 5 } });
  });

  it.each([
    { taskLabels: "training", size: 1, n: 0 },
    { taskLabels: "training", size: 7, n: 12 },
    { taskLabels: "always", size: 1, n: 12 },
    { taskLabels: "always", size: 4, n: 0 },
  ] as const)("steps on loss + λ Σ Ω(θ − θ*)² (task labels $taskLabels, batches of $size, n = $n)", (given) => {
    const { taskLabels, size, n } = given;
    const { tasks: shown, outputs } = lesson({ tasks: 3, examples: 60, taskLabels });
    const { gradient } = denseNetwork(16, 10, outputs);
    let theta = thetaOf(make(outputs));
    let omega = theta.map(() => 0);
    let anchor = theta;
    for (const examples of shown) {
      for (const batch of batches(examples, size)) {
        const pull = theta.map((value, i) => omega[i] * (value - anchor[i]));
        theta = plus(theta, plus(gradient(theta, batch), pull, 2 * 0.02), -0.1);
      }
      omega = plus(omega, importanceOf(theta, n === 0 ? examples : examples.slice(0, n), outputs));
      anchor = theta;
    }
    const own = learnt({ alpha: 0.1, lambda: 0.02, n }, shown, outputs, size);
    expect(distance(own, theta)).toBeLessThan(1e-5);
    expect(distance(learnt({ alpha: 0.1, lambda: 0, n }, shown, outputs, size), own)).toBeGreaterThan(0.001);
  });

  it("finds the same Ω whatever the examples' labels are", () => {
    const network = make();
    const learner = mas({ alpha: 1e-9, lambda: 1 }, { network });
    const shown = tasks[0].slice(0, 20);
    for (const example of shown) learner.observe([example]);
    learner.endTask?.();
    const relabelled = mas({ alpha: 1e-9, lambda: 1 }, { network: make() });
    for (const example of shown) relabelled.observe([{ ...example, y: (example.y + 1) % 4 }]);
    relabelled.endTask?.();
    const omega = (one: typeof learner) => (one.save() as { importance: Float32Array }).importance;
    expect(distance(omega(relabelled), omega(learner))).toBeLessThan(1e-5);
    expect(Math.max(...omega(learner))).toBeGreaterThan(0.1);
  });

  it("is online SGD before the first task ends", () => {
    const network = make();
    for (const example of tasks[0]) network.descend([example], 0.1);
    expect(distance(learnt({ alpha: 0.1 }, tasks.slice(0, 1)), network.theta.toArray())).toBeLessThan(1e-6);
  });

  it("keeps a task's first n examples, or all of them, until it ends", () => {
    for (const [n, kept] of [
      [7, 7],
      [0, 60],
    ]) {
      const learner = mas({ alpha: 0.1, n }, { network: make() });
      const first = () => (learner.save() as { first: Example[] }).first;
      for (const batch of batches(tasks[0], 5)) learner.observe(batch);
      expect(first()).toEqual(tasks[0].slice(0, kept));
      learner.endTask?.();
      expect(first()).toEqual([]);
    }
  });
});
