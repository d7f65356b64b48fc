import { describe, expect, it } from "vitest";
import { formatPercent, type RunResult, ranking, summary } from "../src/index.js";

function result(name: string, seed: number, metrics: RunResult["metrics"]): RunResult {
  return { name, seed, accuracy: [[0.5]], initial: [0.1], metrics };
}

/** Results of one name with the given retained accuracies, seeds from 0. */
function retained(name: string, ...values: (number | null)[]): RunResult[] {
  return values.map((retainedAccuracy, seed) => result(name, seed, { retainedAccuracy }));
}

const ten = (value: number): number[] => Array.from({ length: 10 }, () => value);

describe("formatPercent", () => {
  it("has one decimal, no negative zero, and a dash for no value", () => {
    expect([0, 0.7345, 1, -0.123, -0.0001].map(formatPercent)).toEqual(["0.0%", "73.5%", "100.0%", "-12.3%", "0.0%"]);
    expect([null, undefined, Number.NaN, Infinity].map(formatPercent)).toEqual(["–", "–", "–", "–"]);
  });
});

describe("summary", () => {
  it("answers mean and sample standard deviation", () => {
    const [row] = summary([
      result("er", 2, {
        retainedAccuracy: 0.5,
        learningAccuracy: 0.8,
        backwardTransferAndInterference: -0.3,
        forwardTransfer: 0.1,
      }),
      result("er", 0, {
        retainedAccuracy: 0.7,
        learningAccuracy: 0.8,
        backwardTransferAndInterference: -0.1,
        forwardTransfer: 0.3,
      }),
      result("er", 1, {
        retainedAccuracy: 0.9,
        learningAccuracy: 0.8,
        backwardTransferAndInterference: 0.1,
        forwardTransfer: 0.5,
      }),
    ]);
    expect(row).toMatchObject({ name: "er", n: 3, seeds: [0, 1, 2] });
    expect(row.retainedAccuracy.mean).toBeCloseTo(0.7, 12);
    expect(row.retainedAccuracy.standardDeviation).toBeCloseTo(0.2, 12); // √((0.04 + 0 + 0.04) / 2)
    expect(row.learningAccuracy.mean).toBeCloseTo(0.8, 12);
    expect(row.learningAccuracy.standardDeviation).toBeCloseTo(0, 12);
    expect(row.backwardTransferAndInterference.mean).toBeCloseTo(-0.1, 12);
    expect(row.forwardTransfer.mean).toBeCloseTo(0.3, 12);
  });

  it("has no standard deviation of one seed", () => {
    expect(summary(retained("er", 0.25))[0].retainedAccuracy).toEqual({
      mean: 0.25,
      standardDeviation: null,
      missing: 0,
    });
  });

  it("gives no mean of the survivors where a seed diverged or lacks the metric", () => {
    const [row] = summary(retained("er", 0.5, null, Number.NaN));
    expect(row.n).toBe(3);
    expect(row.retainedAccuracy).toEqual({ mean: null, standardDeviation: null, missing: 2 });
    expect(row.forwardTransfer).toEqual({ mean: null, standardDeviation: null, missing: 3 });
  });

  it("orders by prequential accuracy where no run was tested", () => {
    const before = (name: string, prequentialAccuracy: number) =>
      result(name, 0, { retainedAccuracy: null, prequentialAccuracy });
    const rows = summary([before("slda", 0.8), before("online", 0.9), before("ncm", 0.7)]);
    expect(rows.map(({ name }) => name)).toEqual(["ncm", "slda", "online"]);
    expect(ranking(rows)).toBe("Order by mean prequential accuracy (preview, 1 seed): ncm < slda < online");
    const diverged: RunResult = {
      ...result("wild", 0, {}),
      ...{ status: "diverged", chance: 0.5 },
      spec: { evaluation: { tasks: "none" } } as unknown as NonNullable<RunResult["spec"]>,
    };
    expect(summary([before("slda", 0.8), diverged])[0].prequentialAccuracy.mean).toBe(0.5);
    expect(ranking(summary([before("slda", 0.8), diverged]))).toContain("wild < slda");
    const mixed = summary([before("slda", 0.8), ...retained("er", 0.5)]);
    expect(ranking(mixed)).toBe("Order by mean RA (preview, 1 seed): er; not ordered: slda (no RA for 1 of 1 seed)");
  });

  it("orders by mean RA, ties by name, rows without a mean last, whatever the results' order", () => {
    const results = [
      ...retained("mer", 0.8, 0.9),
      ...retained("broken", null, 0.99),
      ...retained("b", 0.1, 0.5),
      ...retained("a", 0.5, 0.1),
      ...retained("online", 0.2, 0.1),
    ];
    const rows = summary(results);
    expect(rows.map(({ name }) => name)).toEqual(["online", "a", "b", "mer", "broken"]);
    expect(summary(results.toReversed())).toEqual(rows);
    expect(summary([])).toEqual([]);
  });

  it("refuses to count one seed twice", () => {
    expect(() => summary([...retained("er", 0.5), ...retained("er", 0.6)])).toThrow('"er" has two results of seed 0');
  });
});

describe("ranking", () => {
  const three = [
    ...retained("mer", 0.9, 0.8, 0.7),
    ...retained("er", 0.6, 0.6, 0.6),
    ...retained("online", 0.1, 0.2, 0.3),
  ];

  it("is a preview with fewer than ten seeds", () => {
    expect(ranking(summary(three))).toBe("Order by mean RA (preview, 3 seeds): online < er < mer");
    expect(ranking(summary(retained("er", 0.5)))).toBe("Order by mean RA (preview, 1 seed): er");
  });

  it("is official with ten seeds that are the same for all, and writes = for ties", () => {
    const rows = summary([
      ...retained("online", ...ten(0.1)),
      ...retained("er", ...ten(0.6)),
      ...retained("gem", 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.5),
      ...retained("mer", ...ten(0.7)),
    ]);
    expect(ranking(rows)).toBe("online < er = gem < mer by retained accuracy (RA), mean of 10 paired seeds");
  });

  it("is a preview where seeds differ, however many", () => {
    const shifted = retained("mer", ...ten(0.7)).map((one) => ({ ...one, seed: one.seed + 5 }));
    const rows = summary([...retained("er", ...ten(0.6)), ...shifted]);
    expect(ranking(rows)).toBe("Order by mean RA (preview, 10 seeds, not paired): er < mer");
    const uneven = summary([...retained("er", ...ten(0.6)), ...retained("mer", 0.7, 0.8)]);
    expect(ranking(uneven)).toBe("Order by mean RA (preview, 2 to 10 seeds, not paired): er < mer");
  });

  it("names what it cannot order", () => {
    const rows = summary([...three, ...retained("ewc", 0.9, null, 0.9)]);
    expect(ranking(rows)).toBe(
      "Order by mean RA (preview, 3 seeds): online < er < mer; not ordered: ewc (no RA for 1 of 3 seeds)",
    );
    expect(ranking(summary(retained("ewc", null)))).toBe(
      "No results to order by mean RA; not ordered: ewc (no RA for 1 of 1 seed)",
    );
    expect(ranking([])).toBe("No results to order by mean RA");
  });

  it("does not depend on the rows' order", () => {
    expect(ranking(summary(three).toReversed())).toBe(ranking(summary(three)));
  });
});
