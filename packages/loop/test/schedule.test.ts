import type { Cell } from "@everlearn/composition";
import type { Stream } from "@everlearn/contracts";
import { describe, expect, it } from "vitest";
import { createSchedule, runInProcess } from "../src/index.js";
import { toyCell } from "./cell.js";

/** A cell whose experiences have examples of these tasks, one after the other; its first examples come again and again. */
function cellOf(tasks: readonly (readonly number[])[], change: Partial<Stream> = {}, every = 0): Cell {
  const cell = toyCell({ evaluation: { every } });
  const { train } = cell.stream;
  const stream: Stream = {
    ...cell.stream,
    experiences: tasks.length,
    boundaries: false,
    train: (e) => ({
      length: tasks[e].length,
      task: (i) => tasks[e][i],
      label: (i) => train(tasks[e][i]).label(0),
      input: (i, into) => train(tasks[e][i]).input(0, into),
    }),
    ...change,
  };
  return { ...cell, stream };
}

describe("a schedule's tasks", () => {
  it("are those that an experience has examples of, once each and ascending", () => {
    const { lengths, tasks } = createSchedule(cellOf([[2, 0, 2, 2], [1], [], [2, 1, 0, 1, 0]]));
    expect(tasks).toEqual([[0, 2], [1], [], [0, 1, 2]]);
    expect(lengths).toEqual([4, 1, 0, 5]);
  });

  it("ascend as numbers", () => {
    expect(createSchedule(cellOf([[10, 9, 2]])).tasks).toEqual([[2, 9, 10]]);
  });

  it("are found by asking each example once, and for nothing but its task", () => {
    const asked: string[] = [];
    const no = () => {
      throw new Error("It was asked for more than the tasks.");
    };
    const train = (e: number) => ({
      length: 3,
      task: (i: number) => (asked.push(`${e}.${i}`), 0),
      label: no,
      input: no,
    });
    createSchedule(cellOf([[], []], { train }));
    expect(asked).toEqual(["0.0", "0.1", "0.2", "1.0", "1.1", "1.2"]);
  });

  it("name an experience after its task only where tasks come in order, with boundaries", () => {
    const inOrder = [[0, 0], [1], [2]];
    expect(createSchedule(cellOf(inOrder, { boundaries: true })).unit).toBe("task");
    expect(createSchedule(cellOf(inOrder)).unit).toBe("experience");
    for (const tasks of [
      [[0], [2], [1]],
      [[0], [1]],
      [[0], [1], [2], [0]],
      [[1], [1], [2]],
    ])
      expect(createSchedule(cellOf(tasks, { boundaries: true })).unit).toBe("experience");
  });
});

it("a run of experiences of several tasks has anytime and incremental accuracies, by hand from its evaluations", () => {
  const experiences = [
    [1, 1, 1, 0, 1],
    [0, 0, 1, 0, 0, 1],
    [2, 1, 2, 0],
  ];
  const outcome = runInProcess(cellOf(experiences, {}, 2));
  if (outcome.status !== "finished") throw new Error(outcome.message);
  const { tasks, accuracy, intermediate, metrics } = outcome;
  expect(tasks).toEqual([
    [0, 1],
    [0, 1],
    [0, 1, 2],
  ]);
  const [a, b, c] = accuracy as number[][];
  const rows = [(a[0] + a[1]) / 2, (b[0] + b[1]) / 2, (c[0] + c[1] + c[2]) / 3];
  expect(intermediate.map(({ examples, accuracy }) => [examples, accuracy.map((a) => a !== null)])).toEqual([
    [2, [false, true, false]],
    [4, [true, true, false]],
    [7, [true, true, false]],
    [9, [true, true, false]],
    [13, [true, true, true]],
  ]);
  const [g, h, k, l, m] = intermediate.map(({ accuracy }) => accuracy as number[]);
  const looks = [g[1], (h[0] + h[1]) / 2, (k[0] + k[1]) / 2, (l[0] + l[1]) / 2, (m[0] + m[1] + m[2]) / 3];
  const sum = (values: number[]) => values.reduce((sum, value) => sum + value, 0);
  expect(metrics.averageIncrementalAccuracy).toBeCloseTo(sum(rows) / 3, 14);
  expect(metrics.averageAnytimeAccuracy).toBeCloseTo(sum([...rows, ...looks]) / 8, 14);
  expect(metrics.learningAccuracy).toBeNull();
});
