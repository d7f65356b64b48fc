import { checkLearner } from "@everlearn/conformance";
import plugin, { reptile } from "@everlearn/learner-reptile";
import { mlp } from "@everlearn/network-mlp";
import { batches, clipped, denseNetwork, distance, lerp, lesson, plus, range, thetaOf } from "@everlearn/oracle";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";

const make = (outputs = 4) => mlp({ hidden: [8, 6] }, { inputs: 16, outputs, random: random(2) });

describe("learner-reptile", () => {
  it("conforms to the learner contract", async () => {
    await checkLearner(plugin, { options: { alpha: 0.2, gamma: 0.5, s: 7 } });
    await checkLearner(plugin, { options: { alpha: 0.4, gamma: 0.5, s: 1 } });
    await checkLearner(plugin, { options: { alpha: 0.3, s: 5, clip: 1 } });
  });

  it.each([
    { taskLabels: "never", size: 1, s: 7, clip: 0 },
    { taskLabels: "never", size: 3, s: 5, clip: 0 },
    { taskLabels: "always", size: 2, s: 4, clip: 0.5 },
  ] as const)("follows Algorithm 2 (task labels $taskLabels, batches of $size, s $s, clip $clip)", (setting) => {
    const { taskLabels, size, s, clip } = setting;
    const { examples, outputs } = lesson({ taskLabels });
    const network = make(outputs);
    const { gradient } = denseNetwork(16, 8, 6, outputs);
    let theta = thetaOf(network);
    let before = theta;
    const learner = reptile({ alpha: 0.1, gamma: 0.6, s, clip }, { network });
    for (const [i, batch] of batches(examples, size).entries()) {
      learner.observe(batch);
      theta = plus(theta, clipped(gradient(theta, batch), clip), -0.1);
      if ((i + 1) % s === 0) {
        theta = lerp(before, theta, 0.6);
        before = theta;
      }
    }
    expect(distance(network.theta.toArray(), theta)).toBeLessThan(1e-5);
  });

  it("goes on with the same bits from any of its s places, and keeps nothing right after an interpolation", () => {
    const { examples } = lesson();
    const options = { alpha: 0.1, gamma: 0.3, s: 4 };
    for (const place of range(4)) {
      const [one, other] = [make(), make()];
      const [learner, fresh] = [reptile(options, { network: one }), reptile(options, { network: other })];
      for (const example of examples.slice(0, 36 + place)) learner.observe([example]);
      expect(learner.save() === null).toBe(place === 0);
      fresh.observe([examples[100]]); // what it must forget
      other.load(one.save());
      fresh.load(learner.save());
      for (const example of examples.slice(40, 60)) for (const each of [learner, fresh]) each.observe([example]);
      expect(other.theta.toArray()).toEqual(one.theta.toArray());
    }
  });
});
