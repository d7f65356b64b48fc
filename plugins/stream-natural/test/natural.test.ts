import { checkStream } from "@everlearn/conformance";
import type { Dataset, Examples } from "@everlearn/contracts";
import { range } from "@everlearn/oracle";
import { describe, expect, it } from "vitest";
import plugin, { natural } from "../src/index.js";
import { timesOf } from "../src/time.js";

const examples = (length: number): Examples => ({
  length,
  label: (i) => i % 2,
  input: (i, into = new Float32Array(1)) => into.fill(i),
});

/** A data set whose examples say their number, with a column `c`. */
const datasetOf = (train: readonly string[], test: readonly string[] = train): Dataset => ({
  ...{ shape: [1], classes: 2, checksum: "", train: examples(train.length), test: examples(test.length) },
  column: (name) => (name === "c" ? { train, test } : undefined),
});

/** The experiences as their task and the numbers of their examples; and the test examples of each task. */
function seen(options: Parameters<typeof natural>[0], dataset: Dataset) {
  const stream = natural(options, { dataset });
  const numbers = (part: Examples) => range(part.length).map((i) => part.input(i)[0]);
  return {
    train: range(stream.experiences).map((e) => [stream.train(e).task(0), numbers(stream.train(e))]),
    test: range(stream.tasks).map((task) => numbers(stream.test(task))),
  };
}

describe("natural", () => {
  it("conforms to the stream contract", async () => {
    await checkStream(plugin, { seedless: true });
    const column = (n: number) => range(n).map((i) => String(Math.floor((3 * i) / n)));
    for (const tasks of ["values", "gaps"] as const)
      await checkStream(plugin, {
        options: { tasks, column: "c", gap: 1 },
        seedless: true,
        dataset: () => ({ ...datasetOf(column(90), column(30)) }),
      });
  });

  it("comes as it is, once", () => {
    expect(seen({}, datasetOf(["x", "y", "x"], ["x"]))).toEqual({ train: [[0, [0, 1, 2]]], test: [[0]] });
  });

  it("has a task for each value, which comes back with it", () => {
    expect(seen({ tasks: "values", column: "c" }, datasetOf(["b", "b", "a", "b"], ["a", "b", "z"]))).toEqual({
      train: [
        [0, [0, 1]],
        [1, [2]],
        [0, [3]],
      ],
      test: [[1], [0]],
    });
  });

  it("has a task for each span of time that has examples", () => {
    const found = seen(
      { tasks: "time", column: "c", span: 10 },
      datasetOf(["5", "14.9", "15", "40", "44"], ["0", "20", "39", "99"]),
    );
    expect(found).toEqual({
      train: [
        [0, [0, 1]],
        [1, [2]],
        [2, [3, 4]],
      ],
      test: [[0], [1], [2, 3]],
    });
    const days = ["2024-02-28", "2024-02-29T23:59:59", "2024-03-01"];
    expect(seen({ tasks: "time", column: "c", span: 2 * 86_400 }, datasetOf(days)).train).toEqual([
      [0, [0, 1]],
      [1, [2]],
    ]);
  });

  it("has a task between gaps that are given, or ten times the median step", () => {
    const times = datasetOf(["1", "2", "3", "13", "14", "18"]);
    expect(seen({ tasks: "gaps", column: "c" }, times).train.map(([, own]) => own)).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
    expect(seen({ tasks: "gaps", column: "c", gap: 4 }, times).test).toEqual([[0, 1, 2], [3, 4], [5]]);
  });

  it("reads dates as seconds", () => {
    const texts = [
      "1970-01-01",
      "2000-03-01 00:00",
      "2024-02-29T12:30:05.5Z",
      "2024-02-29T12:30:05+01:30",
      "1969-12-31T23:59:59Z",
    ];
    expect(timesOf("c", texts)).toEqual(
      texts.map(
        (text) =>
          Date.parse(/[Z+]/.test(text) ? text : `${text.replace(" ", "T")}${text.length > 10 ? ":00Z" : ""}`) / 1000,
      ),
    );
  });

  it.each([
    [{ tasks: "values", column: "d" }, ["1"], /by the column "d", which the data set does not have; name one/],
    [
      { tasks: "time", column: "c", span: 1 },
      ["1", "0"],
      /times in ascending order, and "c" goes back at example 1; sort/,
    ],
    [{ tasks: "time", column: "c" }, ["1", "2"], /which need a "span" above 0/],
    [{ tasks: "gaps", column: "c" }, ["1", "soon"], /needs times in "c", and "soon" of example 1 is none; use numbers/],
    [{ tasks: "gaps", column: "c" }, ["1", "2024-13-01"], /"2024-13-01" of example 1 is none/],
    [
      { tasks: "values", column: "c" },
      range(1002).map((i) => String(i % 2)),
      /finds 1002 experiences by "c", of which there may be 1000/,
    ],
  ] as const)("refuses %o", (options, values, problem) => {
    expect(() => natural(options, { dataset: datasetOf(values) })).toThrow(problem);
  });
});
