import { checkLearner } from "@everlearn/conformance";
import plugin, { online } from "@everlearn/learner-online";
import { mlp } from "@everlearn/network-mlp";
import { batches, clipped, denseNetwork, distance, lesson, plus, thetaOf } from "@everlearn/oracle";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";

describe("learner-online", () => {
  it("conforms to the learner contract", async () => {
    await checkLearner(plugin, { options: { alpha: 0.1 } });
    await checkLearner(plugin, { options: { alpha: 0.5, clip: 0.5 } });
  });

  it.each([0, 0.5])("makes one step of SGD on each batch, clipped to %d (0: not)", (clip) => {
    const network = mlp({ hidden: [12] }, { inputs: 16, outputs: 4, random: random(2) });
    const { gradient } = denseNetwork(16, 12, 4);
    let theta = thetaOf(network);
    const learner = online({ alpha: 0.3, clip }, { network });
    for (const batch of batches(lesson().examples.slice(0, 50), 1, 2, 3)) {
      learner.observe(batch);
      theta = plus(theta, clipped(gradient(theta, batch), clip), -0.3);
    }
    expect(distance(network.theta.toArray(), theta)).toBeLessThan(5e-6);
  });
});
