import { describe, expect, it } from "vitest";
import {
  backwardTransferAndInterference,
  forwardTransfer,
  learningAccuracy,
  metrics,
  retainedAccuracy,
} from "../src/index.js";

const three = {
  accuracy: [
    [0.9, 0.2, 0.1],
    [0.7, 0.8, 0.3],
    [0.5, 0.6, 0.7],
  ],
  initial: [0.1, 0.15, 0.2],
};
const one = { accuracy: [[0.75]], initial: [0.25] };

describe("metrics of R", () => {
  it("are what one computes by hand", () => {
    expect(retainedAccuracy(three)).toBeCloseTo((0.5 + 0.6 + 0.7) / 3, 15);
    expect(learningAccuracy(three)).toBeCloseTo((0.9 + 0.8 + 0.7) / 3, 15);
    expect(backwardTransferAndInterference(three)).toBeCloseTo(0.6 - 0.8, 15);
    expect(forwardTransfer(three)).toBeCloseTo((0.2 - 0.15 + (0.3 - 0.2)) / 2, 15);
  });

  it("of a single task: no transfer", () => {
    expect(retainedAccuracy(one)).toBe(0.75);
    expect(learningAccuracy(one)).toBe(0.75);
    expect(backwardTransferAndInterference(one)).toBe(0);
    expect(forwardTransfer(one)).toBeNull();
  });

  it("are reported under their own names", () => {
    expect(metrics).toEqual({
      retainedAccuracy,
      learningAccuracy,
      backwardTransferAndInterference,
      forwardTransfer,
    });
  });

  it("show how much of what was learned is lost", () => {
    const forgotten = {
      accuracy: [
        [1, 0],
        [0, 1],
      ],
      initial: [0, 0],
    };
    expect(backwardTransferAndInterference(forgotten)).toBe(-0.5);
    expect(forwardTransfer(forgotten)).toBe(0);
  });
});
