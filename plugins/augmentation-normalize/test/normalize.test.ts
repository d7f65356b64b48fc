import plugin, { normalize } from "@everlearn/augmentation-normalize";
import { checkAugmentation } from "@everlearn/conformance";
import { describe, expect, it } from "vitest";

const three = { mean: [0.1, 0.2, 0.3], std: [0.5, 0.25, 2] };

describe("augmentation-normalize", () => {
  it("conforms to the augmentation contract", async () => {
    await checkAugmentation(plugin, { options: three });
    await checkAugmentation(plugin, { options: { mean: [0.4], std: [0.1] }, shape: [30] });
  });

  it("makes the mean of each channel 0 and its deviation 1", () => {
    const x = Float32Array.from({ length: 300 }, (_, i) => ((i * 37) % 101) / 100);
    const values = (c: number, of: Float32Array) => [...of].filter((_, i) => i % 3 === c);
    const meanOf = (of: readonly number[]) => of.reduce((sum, v) => sum + v, 0) / of.length;
    const stdOf = (of: readonly number[]) => Math.sqrt(meanOf(of.map((v) => (v - meanOf(of)) ** 2)));
    const own = [0, 1, 2].map((c) => values(c, x));
    const into = new Float32Array(300);
    normalize({ mean: own.map(meanOf), std: own.map(stdOf) }, { shape: [10, 10, 3] }).apply(x, into);
    for (const c of [0, 1, 2]) {
      expect(meanOf(values(c, into))).toBeCloseTo(0, 5);
      expect(stdOf(values(c, into))).toBeCloseTo(1, 5);
    }
  });

  it("is (x − mean) / std of the value's own channel", () => {
    const into = new Float32Array(6);
    normalize(three, { shape: [1, 2, 3] }).apply(Float32Array.of(0.1, 0.2, 0.3, 0.6, 0.45, 2.3), into);
    expect([...into].map((v) => Math.round(v * 1e5) / 1e5)).toEqual([0, 0, 0, 1, 1, 1]);
  });

  it("takes one mean and one deviation for inputs without channels", () => {
    const into = new Float32Array(4);
    normalize({ mean: [1], std: [2] }, { shape: [2, 2] }).apply(Float32Array.of(1, 3, 5, -1), into);
    expect([...into]).toEqual([0, 1, 2, -1]);
  });

  it("refuses other numbers of channels, and a deviation of 0", () => {
    expect(() => normalize({ mean: [0.5], std: [0.5] }, { shape: [4, 4, 3] })).toThrow(
      "mean has 1 value, but inputs of shape [4, 4, 3] have 3 channels; give one for each.",
    );
    expect(() => normalize({ mean: [0.5], std: [0.5, 0.5] }, { shape: [9] })).toThrow(
      "std has 2 values, but inputs of shape [9] have 1 channel; give one for each.",
    );
    expect(() => normalize({ mean: [0, 0, 0], std: [1, 0, 1] }, { shape: [4, 4, 3] })).toThrow(
      "std is 0 for channel 1, and nothing can be divided by it; use a value above 0.",
    );
  });
});
