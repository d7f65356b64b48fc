import { checkLearner } from "@everlearn/conformance";
import type { Example, OptionsFor } from "@everlearn/contracts";
import plugin, { rwalk } from "@everlearn/learner-rwalk";
import { mlp } from "@everlearn/network-mlp";
import { batches, denseNetwork, distance, lesson, plus, thetaOf } from "@everlearn/oracle";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";

type Options = OptionsFor<typeof plugin.options>;

const { tasks } = lesson({ tasks: 3, examples: 67, taskLabels: "training" });
const make = (outputs = 4) => mlp({ hidden: [10] }, { inputs: 16, outputs, random: random(2) });

/** θ after RWalk learnt the tasks, in batches of `size`. */
function learnt(options: Options, shown = tasks, outputs = 4, size = 1): Float32Array {
  const network = make(outputs);
  const learner = rwalk(options, { network });
  for (const examples of shown) {
    for (const batch of batches(examples, size)) learner.observe(batch);
    learner.endTask?.();
  }
  return network.theta.toArray();
}

const scaled = (values: Float64Array): Float64Array => {
  const most = Math.max(...values);
  return values.map((value) => (most > 0 ? Math.max(value, 0) / most : 0));
};

/** θ as the paper has it; θ at every step is kept and looked back at. */
function textbook(given: Required<Options>, shown: readonly Example[][], outputs: number, size: number): Float64Array {
  const { gradient } = denseNetwork(16, 10, outputs);
  let theta = thetaOf(make(outputs));
  const zeros = theta.map(() => 0);
  let [fisher, omega, anchor, past] = [zeros, zeros, theta, zeros];
  shown.forEach((examples, task) => {
    const trace: { theta: Float64Array; g: Float64Array; fisher: Float64Array }[] = [];
    for (const batch of batches(examples, size)) {
      const g = gradient(theta, batch);
      const [before, held] = [theta, { omega, anchor }];
      fisher = fisher.map((f, i) => given.alpha * g[i] ** 2 + (1 - given.alpha) * f);
      trace.push({ theta, g, fisher });
      theta = theta.map(
        (value, i) => value - given.rate * (g[i] + 2 * given.lambda * held.omega[i] * (before[i] - held.anchor[i])),
      );
    }
    let score = zeros;
    for (let t = 0; t < trace.length; t += given.interval) {
      const part = trace.slice(t, t + given.interval);
      const next = (k: number) => trace[t + k + 1]?.theta ?? theta;
      score = score.map((s, i) => {
        const fall = part.reduce((sum, step, k) => sum - step.g[i] * (next(k)[i] - step.theta[i]), 0);
        const moved = next(part.length - 1)[i] - part[0].theta[i];
        const last = part[part.length - 1].fisher[i];
        return s + fall / (0.5 * last * moved ** 2 + given.epsilon);
      });
    }
    past = task === 0 ? score : past.map((s, i) => (s + score[i]) / 2);
    omega = plus(scaled(fisher), scaled(past));
    anchor = theta;
  });
  return theta;
}

describe("learner-rwalk", () => {
  it("conforms to the learner contract", async () => {
    await checkLearner(plugin, { options: { rate: 0.1, lambda: 0.1 } });
    await checkLearner(plugin, { options: { rate: 0.05, lambda: 1, alpha: 0.5, interval: 7, epsilon: 0.01 } });
  });

  it.each([
    { taskLabels: "training", size: 1, alpha: 0.9, interval: 10 },
    { taskLabels: "training", size: 5, alpha: 0.3, interval: 1 },
    { taskLabels: "always", size: 1, alpha: 0.1, interval: 7 },
    { taskLabels: "always", size: 3, alpha: 1, interval: 1000 },
  ] as const)(
    "steps on loss + λ Σ (F + s)(θ − θ*)² (task labels $taskLabels, batches of $size, α = $alpha, Δt = $interval)",
    ({ taskLabels, size, alpha, interval }) => {
      const { tasks: shown, outputs } = lesson({ tasks: 3, examples: 67, taskLabels });
      const options = { rate: 0.1, lambda: 0.3, alpha, interval, epsilon: 1e-4 };
      const own = learnt(options, shown, outputs, size);
      expect(distance(own, textbook(options, shown, outputs, size))).toBeLessThan(5e-5);
      expect(distance(learnt({ ...options, lambda: 0 }, shown, outputs, size), own)).toBeGreaterThan(0.02);
      expect(distance(learnt({ ...options, alpha: alpha / 2 }, shown, outputs, size), own)).toBeGreaterThan(1e-4);
      expect(distance(learnt({ ...options, interval: 3 }, shown, outputs, size), own)).toBeGreaterThan(1e-4);
    },
  );

  it("holds weights by numbers in [0, 2], whatever the loss's scale", () => {
    const network = make();
    const learner = rwalk({ rate: 0.05, lambda: 1 }, { network });
    for (const example of tasks[0]) learner.observe([example]);
    learner.endTask?.();
    const { importance } = learner.save() as { importance: Float32Array };
    expect(Math.min(...importance)).toBe(0);
    expect(Math.max(...importance)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...importance)).toBeLessThanOrEqual(2);
  });

  it("is online SGD before the first task ends, and always where λ = 0", () => {
    for (const [shown, lambda] of [
      [tasks.slice(0, 1), 100],
      [tasks, 0],
    ] as const) {
      const network = make();
      for (const example of shown.flat()) network.descend([example], 0.1);
      expect(distance(learnt({ rate: 0.1, lambda }, [...shown]), network.theta.toArray())).toBeLessThan(1e-5);
    }
  });
});
