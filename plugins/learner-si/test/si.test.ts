import { checkLearner } from "@everlearn/conformance";
import type { Example, Network, OptionsFor } from "@everlearn/contracts";
import plugin, { si } from "@everlearn/learner-si";
import { completeNetwork } from "@everlearn/network";
import { mlp } from "@everlearn/network-mlp";
import { adam } from "@everlearn/optimizer-adam";
import { denseNetwork, distance, gradientOf, lesson, plus, thetaOf } from "@everlearn/oracle";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";

type Options = OptionsFor<typeof plugin.options>;

const { tasks } = lesson({ tasks: 3, examples: 70, taskLabels: "training" });
const make = (outputs = 4) => mlp({ hidden: [10] }, { inputs: 16, outputs, random: random(2) });
function withAdam(): Network {
  const network = make();
  return completeNetwork(network, adam({}, network));
}

/** θ after SI learnt the tasks with a network, one example at a time. */
function learnt(options: Options, network: Network, shown = tasks): Float32Array {
  const learner = si(options, { network });
  for (const examples of shown) {
    for (const example of examples) learner.observe([example]);
    learner.endTask?.();
  }
  return network.theta.toArray();
}

interface Descent {
  readonly start: Float64Array;
  gradient(theta: Float64Array, batch: readonly Example[]): ArrayLike<number>;
  /** θ after a step along the gradient of the whole loss. */
  step(theta: Float64Array, total: Float64Array): Float64Array;
}

/** θ as the paper has it. */
function textbook({ c, xi }: { c: number; xi: number }, { start, gradient, step }: Descent, shown = tasks) {
  let theta = start;
  let omega = theta.map(() => 0);
  for (const examples of shown) {
    const anchor = theta;
    const path = theta.map(() => 0);
    for (const example of examples) {
      const before = theta;
      const g = gradient(theta, [example]);
      theta = step(
        theta,
        theta.map((value, i) => g[i] + 2 * c * omega[i] * (value - anchor[i])),
      );
      path.forEach((_, i) => (path[i] -= g[i] * (theta[i] - before[i])));
    }
    omega = omega.map((value, i) => Math.max(0, value + path[i] / ((theta[i] - anchor[i]) ** 2 + xi)));
  }
  return theta;
}

describe("learner-si", () => {
  it("conforms to the learner contract", async () => {
    await checkLearner(plugin, { options: { alpha: 0.1, c: 0.1 } });
    await checkLearner(plugin, { options: { alpha: 0.05, c: 0.01, xi: 0.01 } });
  });

  it.each(["training", "always"] as const)("steps on loss + c Σ Ω(θ − θ*)² (task labels %s)", (taskLabels) => {
    const { tasks: shown, outputs } = lesson({ tasks: 3, examples: 70, taskLabels });
    const { gradient } = denseNetwork(16, 10, outputs);
    const start = thetaOf(make(outputs));
    const step: Descent["step"] = (theta, total) => plus(theta, total, -0.1);
    const theta = textbook({ c: 0.05, xi: 0.05 }, { start, gradient, step }, shown);
    const own = learnt({ alpha: 0.1, c: 0.05, xi: 0.05 }, make(outputs), shown);
    expect(distance(own, theta)).toBeLessThan(1e-5);
    expect(distance(learnt({ alpha: 0.1, c: 0, xi: 0.05 }, make(outputs), shown), own)).toBeGreaterThan(0.02);
  });

  it("measures what the optimizer moved, also where that is not −α times the gradient", () => {
    const mirror = withAdam();
    const vector = mirror.vector();
    const theta = textbook(
      { c: 5, xi: 0.1 },
      {
        start: thetaOf(mirror),
        gradient: (_, batch) => gradientOf(mirror, batch).toArray(),
        step(_, total) {
          vector.fromArray(Float32Array.from(total));
          mirror.step(vector, 0.005);
          return thetaOf(mirror);
        },
      },
    );
    const own = learnt({ alpha: 0.005, c: 5 }, withAdam());
    expect(distance(own, theta)).toBeLessThan(1e-5);
    expect(distance(learnt({ alpha: 0.005, c: 0 }, withAdam()), own)).toBeGreaterThan(0.02);
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
    const [path, theta] = [state().path, network.theta.toArray()];
    const g = gradientOf(network, [tasks[1][20]]).toArray();
    learner.observe([tasks[1][20]]);
    const credit = thetaOf(network).map((value, i) => -g[i] * (value - theta[i]));
    expect(distance(plus(Float64Array.from(state().path), path, -1), credit)).toBeLessThan(1e-7);
  });
});
