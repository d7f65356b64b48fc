import { checkLearner, toyBuffer } from "@everlearn/conformance";
import type { Example } from "@everlearn/contracts";
import plugin, { cMaml } from "@everlearn/learner-c-maml";
import { mlp } from "@everlearn/network-mlp";
import {
  batches,
  clipped,
  denseNetwork,
  distance,
  lesson,
  plus,
  range,
  recordEvents,
  thetaOf,
} from "@everlearn/oracle";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";

const [first, second] = batches(lesson().examples, 10);
const memory = (held: readonly Example[] = []) => {
  const buffer = toyBuffer({ capacity: 30 }, { random: random(3) });
  for (const example of held) buffer.add(example);
  return buffer;
};
const make = (outputs = 4) => mlp({ hidden: [10] }, { inputs: 16, outputs, random: random(2) });

describe("learner-c-maml", () => {
  it("conforms to the learner contract", async () => {
    await checkLearner(plugin, { options: { alpha0: 0.1, beta: 0.2, replay: 5 } });
    await checkLearner(plugin, { options: { alpha0: 0.1, beta: 0.3, replay: 4, glances: 2, clip: 0.7 } });
  });

  it.each([
    { taskLabels: "never", clip: 0 },
    { taskLabels: "always", clip: 0 },
    { taskLabels: "always", clip: 0.5 },
  ] as const)("steps on the mean meta-gradient of a trajectory (task labels $taskLabels, clip $clip)", (given) => {
    const { taskLabels, clip } = given;
    const { examples, outputs } = lesson({ taskLabels });
    const network = make(outputs);
    const { gradient } = denseNetwork(16, 10, outputs);
    let theta = thetaOf(network);
    const options = { alpha0: 0.15, beta: 0.3, replay: 7, glances: 3, clip };
    const learner = cMaml(options, { network, buffer: memory(), random: random(4) });
    const [mirror, order] = [memory(), random(4)];
    let shortened = 0;
    for (const batch of batches(examples, 10)) {
      learner.observe(batch);
      for (const glance of range(3)) {
        const trajectory = [...order.permutation(10)].map((i) => batch[i]);
        const meta = [...mirror.sample(7), ...batch];
        let phi = theta;
        let mean = new Float64Array(theta.length);
        for (const example of trajectory) {
          phi = plus(phi, gradient(phi, [example]), -0.15);
          mean = plus(mean, gradient(phi, meta), 1 / 10);
        }
        const step = clipped(mean, clip);
        if (step !== mean) shortened++;
        theta = plus(theta, step, -0.3);
        if (glance === 0) for (const example of trajectory) mirror.add(example);
      }
    }
    expect(distance(network.theta.toArray(), theta)).toBeLessThan(1e-5);
    if (clip > 0) expect(shortened).toBeGreaterThan(5);
  });

  it("follows the gradient that finite differences of the meta-loss have along the trajectory", () => {
    const { loss } = denseNetwork(16, 10, 4);
    const batch = first.slice(0, 4);
    const network = make();
    const before = thetaOf(network);
    const given = { network, buffer: memory(second), random: random(4) };
    cMaml({ alpha0: 0.3, beta: 1, replay: 5, clip: 0 }, given).observe(batch);

    const slope = (theta: Float64Array, terms: readonly Example[]) =>
      theta.map((value, i) => {
        const lossAt = (step: number) => loss(theta.with(i, value + step), terms);
        return (lossAt(1e-5) - lossAt(-1e-5)) / 2e-5;
      });
    const meta = [...memory(second).sample(5), ...batch];
    let phi = before;
    let mean = new Float64Array(before.length);
    for (const place of random(4).permutation(4)) {
      phi = plus(phi, slope(phi, [batch[place]]), -0.3);
      mean = plus(mean, slope(phi, meta), 1 / 4);
    }
    expect(distance(plus(before, network.theta.toArray(), -1), mean)).toBeLessThan(1e-5);
    expect(Math.hypot(...mean)).toBeGreaterThan(0.1);
  });

  it("draws anew in each glance, keeps the batch after the first, and makes one step of the optimizer in each", () => {
    const [network, buffer] = [make(), memory()];
    const events = recordEvents(network, buffer);
    const options = { alpha0: 0.1, beta: 0.1, replay: 6, glances: 2 };
    cMaml(options, { network, buffer, random: random(4) }).observe(first.slice(0, 3));
    expect(events).toEqual(["sample 6", "step", "add", "add", "add", "sample 6", "step"]);
  });

  it("refuses more draws than the buffer can hold", () => {
    const given = { network: make(), buffer: memory(), random: random(4) };
    const message = /replay = 31 .* at most 30; use replay ≤ 30/;
    expect(() => cMaml({ alpha0: 0.1, beta: 0.1, replay: 30 }, given)).not.toThrow();
    expect(() => cMaml({ alpha0: 0.1, beta: 0.1, replay: 31 }, given)).toThrow(message);
  });
});
