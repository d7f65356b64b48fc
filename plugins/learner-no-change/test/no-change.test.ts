import { checkLearner, toyDataset, toyStream } from "@everlearn/conformance";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import plugin, { noChange } from "../src/index.js";

describe("learner-no-change", () => {
  it("conforms to the learner contract, on tasks of one class, the only ones that it can learn", async () => {
    const stream = toyStream({ tasks: 4, split: true }, { dataset: toyDataset(), random: random(1) });
    await checkLearner(plugin, { stream, examples: 60 });
  });

  it("answers what it says", () => {
    const x = new Float32Array(1);
    const learner = noChange();
    const ask = (outputs?: number[]) => learner.predict([{ x, ...(outputs && { outputs }) }])[0];
    expect([ask(), ask([2, 3])]).toEqual([0, 2]);
    for (const y of [3, 1, 1, 2]) {
      learner.observe([
        { x, y: 0 },
        { x, y },
      ]);
      expect(ask()).toBe(y);
    }
    expect([ask([1, 2]), ask([0, 3])]).toEqual([2, 0]);
  });
});
