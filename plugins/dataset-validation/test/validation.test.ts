import { checkDataset, toyDataset } from "@everlearn/conformance";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import plugin, { validation } from "../src/index.js";

describe("validation", () => {
  it("conforms to the dataset contract", async () => {
    await checkDataset(plugin, { options: { fraction: 0.25 } });
  });

  it("holds out the fraction of each class, evenly, and never a test example", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 40, max: 200 }),
        fc.double({ min: 0.1, max: 0.8, noNaN: true }),
        (count, fraction) => {
          const whole = toyDataset({ train: count });
          const { train, test, classes, shape } = validation({ fraction }, { of: whole });
          expect([train.length + test.length, classes, shape]).toEqual([count, whole.classes, whole.shape]);
          const inputs = (examples: typeof train) =>
            Array.from({ length: examples.length }, (_, i) => `${examples.label(i)} ${examples.input(i).join()}`);
          expect([...inputs(train), ...inputs(test)].toSorted()).toEqual(inputs(whole.train).toSorted());
          for (let c = 0; c < classes; c++) {
            const of = (examples: typeof train) => inputs(examples).filter((one) => one.startsWith(`${c} `)).length;
            expect(of(test)).toBe(Math.floor(of(whole.train) * fraction));
          }
        },
      ),
      { numRuns: 20 },
    );
  });

  it("has a checksum that knows the fraction and the data", () => {
    const sums = [0.1, 0.2].flatMap((fraction) =>
      [0, 1].map(
        (seed) =>
          validation({ fraction }, { of: { ...toyDataset({ train: 80, seed }), checksum: `${seed}` } }).checksum,
      ),
    );
    expect(new Set(sums).size).toBe(4);
  });

  it("refuses a fraction that leaves nothing on one side", () => {
    expect(() => validation({ fraction: 0.01 }, { of: toyDataset({ train: 40 }) })).toThrow(
      "validation: a fraction of 0.01 of 40 training examples leaves none for validation; use a larger one.",
    );
    const two = { ...toyDataset({ train: 8 }) };
    expect(() =>
      validation({ fraction: 0.9999 }, { of: { ...two, classes: 4, train: { ...two.train, length: 4 } } }),
    ).toThrow(/leaves none for validation/);
  });
});
