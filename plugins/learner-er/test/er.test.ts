import { checkLearner, toyBuffer } from "@everlearn/conformance";
import plugin, { er } from "@everlearn/learner-er";
import { mlp } from "@everlearn/network-mlp";
import { clipped, denseNetwork, distance, lesson, plus, recordSteps, thetaOf } from "@everlearn/oracle";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";

const { examples } = lesson();
const memory = () => toyBuffer({ capacity: 30 }, { random: random(3) });
const make = (outputs = 4) => mlp({ hidden: [10] }, { inputs: 16, outputs, random: random(2) });

describe("learner-er", () => {
  it("conforms to the learner contract", async () => {
    await checkLearner(plugin, { options: { alpha: 0.1, k: 6 } });
    await checkLearner(plugin, { options: { alpha: 0.2, k: 3, clip: 1 } });
  });

  it.each([
    { taskLabels: "never", clip: 0 },
    { taskLabels: "always", clip: 0 },
    { taskLabels: "always", clip: 0.4 },
  ] as const)("follows Algorithm 4 (task labels $taskLabels, clip $clip)", ({ taskLabels, clip }) => {
    const { examples: shown, outputs } = lesson({ taskLabels });
    const network = make(outputs);
    const { gradient } = denseNetwork(16, 10, outputs);
    let theta = thetaOf(network);
    const learner = er({ alpha: 0.1, k: 6, clip }, { network, buffer: memory() });
    const mirror = memory();
    for (const current of shown) {
      learner.observe([current]);
      const batch = [...mirror.sample(5), current];
      theta = plus(theta, clipped(gradient(theta, batch), clip), -0.1);
      mirror.add(current);
    }
    expect(distance(network.theta.toArray(), theta)).toBeLessThan(1e-5);
  });

  it("makes one step for each batch, on draws and the batch, and keeps the batch afterwards", () => {
    const [network, buffer] = [make(), memory()];
    const steps = recordSteps(network);
    const learner = er({ alpha: 0.1, k: 4 }, { network, buffer });
    learner.observe(examples.slice(0, 2));
    learner.observe(examples.slice(2, 4));
    expect(steps.map(({ batch }) => batch.length)).toEqual([2, 4]);
    expect(steps[1].batch.slice(-2)).toEqual(examples.slice(2, 4));
    for (const drawn of steps[1].batch.slice(0, 2)) expect(examples.slice(0, 2)).toContain(drawn);
    expect(buffer.all()).toEqual(examples.slice(0, 4));
  });

  it("refuses more draws than the buffer can hold", () => {
    const given = { network: make(), buffer: memory() };
    expect(() => er({ alpha: 0.1, k: 31 }, given)).not.toThrow();
    expect(() => er({ alpha: 0.1, k: 32 }, given)).toThrow(/k = 32 .* at most 30; use k ≤ 31/);
  });
});
