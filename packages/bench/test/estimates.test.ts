import { describe, expect, it } from "vitest";
import { createEstimates } from "../src/estimates.js";

const cell = (specId: string, learner: string, examples: number) => ({ specId, learner, examples });

describe("estimates", () => {
  it("know nothing before a cell has ended", () => {
    const estimates = createEstimates();
    expect([estimates.measured(cell("a", "er", 5)), estimates.expected(cell("a", "er", 5))]).toEqual([null, null]);
  });

  it("go by the mean of the same spec's cells, else by the learner's examples, else by all", () => {
    const estimates = createEstimates();
    estimates.ended(cell("a", "er", 100), 10);
    estimates.ended(cell("a", "er", 100), 20);
    estimates.ended(cell("b", "mer", 100), 300);
    expect(estimates.expected(cell("a", "er", 100))).toBe(15);
    expect(estimates.expected(cell("c", "er", 1000))).toBeCloseTo(150, 10);
    expect(estimates.expected(cell("d", "gem", 1000))).toBeCloseTo(1100, 10);
    expect(estimates.measured(cell("c", "er", 1000))).toBeNull();
  });

  it("take what is predicted of a running cell until one has ended", () => {
    const estimates = createEstimates();
    estimates.predicted(cell("a", "er", 100), 7);
    estimates.predicted(cell("a", "er", 100), 8);
    expect([estimates.measured(cell("a", "er", 100)), estimates.expected(cell("a", "er", 100))]).toEqual([8, 8]);
    estimates.ended(cell("a", "er", 100), 12);
    expect(estimates.measured(cell("a", "er", 100))).toBe(12);
  });

  it("are not misled by streams without examples", () => {
    const estimates = createEstimates();
    estimates.ended(cell("a", "er", 0), 1);
    expect(estimates.expected(cell("b", "er", 10))).toBeNull();
  });
});
