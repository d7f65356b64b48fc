import { reservoir } from "@everlearn/buffer-reservoir";
import { checkLearner, toyBuffer } from "@everlearn/conformance";
import type { Buffer } from "@everlearn/contracts";
import plugin, { merOneBigBatch } from "@everlearn/learner-mer-one-big-batch";
import { mlp } from "@everlearn/network-mlp";
import { batches, clipped, denseNetwork, distance, lerp, lesson, plus, recordDraws, thetaOf } from "@everlearn/oracle";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";

const { examples } = lesson();
const memory = (): Buffer => reservoir({ capacity: 30 }, { random: random(3) });
const make = (outputs = 4) => mlp({ hidden: [10, 6] }, { inputs: 16, outputs, random: random(2) });

describe("learner-mer-one-big-batch", () => {
  it("conforms to the learner contract", async () => {
    await checkLearner(plugin, { options: { alpha: 0.1, gamma: 0.5, k: 6 } });
    await checkLearner(plugin, { options: { alpha: 0.3, gamma: 0.3, k: 3, clip: 1 } });
  });

  it.each([
    { taskLabels: "never", clip: 0 },
    { taskLabels: "always", clip: 0 },
    { taskLabels: "always", clip: 0.5 },
  ] as const)("follows Algorithm 6 (task labels $taskLabels, clip $clip)", ({ taskLabels, clip }) => {
    const { examples: shown, outputs } = lesson({ taskLabels });
    const network = make(outputs);
    const { gradient } = denseNetwork(16, 10, 6, outputs);
    let theta = thetaOf(network);
    const buffer = memory();
    const draws = recordDraws(buffer);
    const learner = merOneBigBatch({ alpha: 0.1, gamma: 0.4, k: 6, clip }, { network, buffer });
    shown.forEach((current, n) => {
      learner.observe([current]);
      expect(draws[n].length).toBe(Math.min(5, n));
      for (const drawn of draws[n]) expect(shown.indexOf(drawn)).toBeLessThan(n);
      const before = theta;
      for (const example of [...draws[n], current])
        theta = plus(theta, clipped(gradient(theta, [example]), clip), -0.1);
      theta = lerp(before, theta, 0.4);
    });
    expect(draws.length).toBe(shown.length);
    expect(buffer.size).toBe(30);
    expect(distance(network.theta.toArray(), theta)).toBeLessThan(1e-5);
  });

  it("learns a batch of the stream example by example", () => {
    const learnt = (size: number) => {
      const network = make();
      const learner = merOneBigBatch({ alpha: 0.1, gamma: 0.3, k: 4 }, { network, buffer: memory() });
      for (const batch of batches(examples, size)) learner.observe(batch);
      return network.theta.toArray();
    };
    expect(learnt(8)).toEqual(learnt(1));
  });

  it("refuses more draws than the buffer can hold", () => {
    const given = { network: make(), buffer: toyBuffer({ capacity: 30 }, { random: random(3) }) };
    expect(() => merOneBigBatch({ alpha: 0.1, k: 31 }, given)).not.toThrow();
    expect(() => merOneBigBatch({ alpha: 0.1, k: 32 }, given)).toThrow(RangeError);
    expect(() => merOneBigBatch({ alpha: 0.1, k: 32 }, given)).toThrow(/k = 32 .* at most 30; use k ≤ 31/);
  });
});
