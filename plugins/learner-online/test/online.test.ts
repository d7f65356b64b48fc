import { checkLearner, referenceNetwork, toyDataset, toyScenario, toyStream } from "@everlearn/conformance";
import type { Example } from "@everlearn/contracts";
import plugin, { online } from "@everlearn/learner-online";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";

const stream = toyStream({}, { dataset: toyDataset(), random: random(1) });
const scenario = toyScenario({}, { stream });
const train = stream.train(0);
const examples: Example[] = Array.from({ length: 50 }, (_, i) => scenario.example(0, train.input(i), train.label(i)));
const make = () => referenceNetwork({}, { inputs: 16, outputs: 4, random: random(2) });

describe("learner-online", () => {
  it("does what a learner must do", async () => {
    await checkLearner(plugin, { options: { alpha: 0.1 } });
    await checkLearner(plugin, { options: { alpha: 0.5, clip: 0.5 } });
  });

  it.each([0, 0.5])("makes one step of SGD on each batch, clipped to %d (0: not)", (clip) => {
    const [network, plain] = [make(), make()];
    const learner = online({ alpha: 0.3, clip }, { network });
    for (let i = 0; i < examples.length; i += 1 + (i % 3)) {
      const batch = examples.slice(i, i + 1 + (i % 3));
      learner.observe(batch);
      const gradient = plain.gradient(batch);
      const norm = Math.sqrt(gradient.dot(gradient));
      plain.theta.add(gradient, -0.3 * (clip > 0 && norm > clip ? clip / norm : 1));
    }
    const expected = plain.theta.toArray();
    network.theta.toArray().forEach((value, i) => expect(value).toBeCloseTo(expected[i], 5));
  });
});
