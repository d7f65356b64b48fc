import { describe, expect, it } from "vitest";
import { toyCell, type ToyOptions } from "../../loop/test/cell.js";
import { temporary } from "../../records/test/folder.js";
import { type Progress, runCell } from "../src/index.js";
import { Pace } from "../src/progress.js";

describe("a pace", () => {
  it("foretells from what was spent on examples, intermediate evaluations between them and questions", () => {
    const pace = new Pace();
    expect([pace.examplesPerSecond, pace.secondsLeft(10, 10)]).toEqual([0, null]);
    pace.evaluated(100, 2);
    expect(pace.secondsLeft(10, 10)).toBeNull();
    pace.trained(50, 1);
    pace.intermediate(3);
    pace.evaluated(300, 6);
    expect(pace.examplesPerSecond).toBe(50);
    expect(pace.secondsLeft(10, 0)).toBeCloseTo((10 * (1 + 3)) / 50, 14);
    expect(pace.secondsLeft(10, 20)).toBeCloseTo((10 * (1 + 3)) / 50 + (20 * 8) / 400, 14);
    expect(pace.secondsLeft(0, 0)).toBe(0);
  });
});

describe("the accuracy that a run reports", () => {
  const last = async (options: ToyOptions) => {
    const seen: Progress[] = [];
    const result = await runCell(toyCell(options), { directory: temporary(), onProgress: (one) => seen.push(one) });
    // One for each row of R: a slow machine reports again within an evaluation, and within intermediate evaluations.
    const rows = [0, 20, 40, 60].map((at) => seen.find((one) => one.phase === "evaluating" && one.examples === at));
    return { result, seen: rows, end: seen.at(-1) };
  };
  const mean = (values: readonly (number | null)[]) =>
    values.reduce<number>((sum, a) => sum + (a ?? 0), 0) / values.length;

  it("is the mean over the tasks that have come", async () => {
    const { result, seen, end } = await last({});
    // The report before each evaluation shows the one before it.
    const { accuracy } = result;
    expect(seen.map((one) => one?.accuracy)).toEqual([
      null,
      null,
      mean(accuracy[0].slice(0, 1)),
      mean(accuracy[1].slice(0, 2)),
    ]);
    expect(end?.accuracy).toBe(mean(accuracy[2]));
  });

  it("is an intermediate evaluation's where that was the last", async () => {
    const { result, seen } = await last({ evaluation: { every: 15 } });
    const glances = result.glances.map(({ accuracy }) => mean(accuracy.filter((a) => a !== null)));
    expect(seen.map((one) => one?.accuracy)).toEqual([null, ...glances]);
  });
});
