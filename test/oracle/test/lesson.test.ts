import { batches, byTask, denseNetwork, distance, lesson } from "@everlearn/oracle";
import { describe, expect, it } from "vitest";

describe("a lesson", () => {
  it("is the same at every call, but for the task labels and the outputs that they bring", () => {
    const [one, again, labelled] = [lesson(), lesson(), lesson({ taskLabels: "always" })];
    expect(again).toEqual(one);
    expect(labelled.examples.map((example) => example.x)).toEqual(one.examples.map((example) => example.x));
    expect(labelled.examples.map(({ y }) => y % 4)).toEqual(one.examples.map(({ y }) => y));
    expect([one.outputs, labelled.outputs]).toEqual([4, 8]);
    expect(one.examples.some((example) => "task" in example || "outputs" in example)).toBe(false);
    expect(labelled.queries[1][0]).toMatchObject({ task: 1, outputs: [4, 5, 6, 7] });
  });

  it("can be learnt", () => {
    const { examples, queries, answers } = lesson({ classes: [[0, 1, 2, 3]], examples: 300 });
    const { gradient, predict } = denseNetwork(16, 4);
    const weights = new Float64Array(17 * 4);
    for (const example of examples) gradient(weights, [example]).forEach((g, i) => (weights[i] -= 0.1 * g));
    const right = queries[0].filter((query, i) => predict(weights, query) === answers[0][i]).length;
    expect(right / answers[0].length).toBeGreaterThan(0.9);
  });
});

describe("batches", () => {
  it("have the given sizes by turns; the last one has what is left", () => {
    expect(batches([1, 2, 3, 4, 5, 6, 7], 2, 1)).toEqual([[1, 2], [3], [4, 5], [6], [7]]);
    expect(batches([], 3)).toEqual([]);
  });

  it("are taken apart by task, in the order of arrival", () => {
    const [[a, b], [c]] = lesson({ taskLabels: "training" }).tasks;
    expect(byTask([c, a, b])).toEqual([
      { task: 1, part: [c] },
      { task: 0, part: [a, b] },
    ]);
  });
});

describe("a distance", () => {
  it("is the largest one, of arrays that are equally long", () => {
    expect(distance([1, 2, 3], [1, 5, 1])).toBe(3);
    expect(distance([1, Number.NaN], [1, 1])).toBeNaN();
    expect(() => distance([], [1])).toThrow("0 numbers cannot be compared with 1.");
  });
});
