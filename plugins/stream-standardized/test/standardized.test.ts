import { checkStream } from "@everlearn/conformance";
import type { Examples, Stream } from "@everlearn/contracts";
import { numberedStream, range } from "@everlearn/oracle";
import { describe, expect, it } from "vitest";
import plugin, { standardized } from "../src/index.js";

/** A stream of two tasks, whose inputs are the rows; each has its test example. */
function streamOf(rows: readonly (readonly number[])[][], bytes = false): Stream {
  const examples = (own: readonly (readonly number[])[]): Examples => ({
    length: own.length,
    label: () => 0,
    input(i, into = bytes ? new Uint8Array(own[i].length) : new Float32Array(own[i].length)) {
      into.set(own[i]);
      return into;
    },
  });
  return {
    ...{ tasks: rows.length, experiences: rows.length, boundaries: true, classes: rows.length },
    shape: [rows[0][0].length],
    classesOf: (task) => [task],
    train: (e) => ({ ...examples(rows[e]), task: () => e }),
    test: (task) => examples(rows[task].slice(0, 1)),
  };
}

const rows = [
  [
    [1, 5, 0],
    [3, 5, 2],
    [8, 5, 4],
  ],
  [
    [100, 6, -2],
    [200, 5, 0],
  ],
];
const inputs = (examples: Examples) => range(examples.length).map((i) => [...examples.input(i)]);

describe("standardized", () => {
  it("conforms to the stream contract", async () => {
    await checkStream(plugin, { seedless: true });
    await checkStream(plugin, { options: { mean: [0.5], deviation: [2], examples: 3 }, seedless: true });
  });

  it("has mean 0 and deviation 1 in the first experience, and moves the others and test examples alike", () => {
    const stream = standardized({}, { of: streamOf(rows) });
    const sd = Math.sqrt((9 + 1 + 16) / 3);
    const expected = (x: readonly number[]) =>
      [(x[0] - 4) / sd, x[1] - 5, (x[2] - 2) / Math.sqrt(8 / 3)].map(Math.fround);
    for (const e of [0, 1]) {
      expect(inputs(stream.train(e))).toEqual(rows[e].map(expected));
      expect(inputs(stream.test(e))).toEqual([expected(rows[e][0])]);
    }
    const [first] = range(3).map((j) => range(3).reduce((sum, i) => sum + stream.train(0).input(i)[j], 0));
    expect(Math.abs(first)).toBeLessThan(1e-6);
  });

  it("is fitted to nothing that comes later", () => {
    const changed = [rows[0], rows[1].map((row) => row.map((x) => 1000 * x))];
    const one = standardized({}, { of: streamOf(rows) });
    const other = standardized({}, { of: streamOf(changed) });
    expect(inputs(other.train(0))).toEqual(inputs(one.train(0)));
    const two = standardized({ examples: 2 }, { of: streamOf(rows) });
    expect(inputs(two.train(0))).toEqual([
      [-1, 0, -1],
      [1, 0, 1],
      [6, 0, 3],
    ]);
  });

  it("counts bytes as byte/255", () => {
    const bytes = standardized({ mean: [1 / 255], deviation: [1 / 255, 1, 2] }, { of: streamOf([rows[0]], true) });
    expect(inputs(bytes.train(0))[1].map((x) => Math.round(1e5 * x))).toEqual([200_000, 1569, 196]);
    const fitted = standardized({}, { of: streamOf([rows[0]], true) });
    const floats = standardized({}, { of: streamOf([rows[0]]) });
    inputs(fitted.train(0))
      .flat()
      .forEach((x, i) => expect(x).toBeCloseTo(inputs(floats.train(0)).flat()[i], 5));
    expect(fitted.train(0).input(0)).toBeInstanceOf(Float32Array);
  });

  it("keeps labels, tasks and their order", () => {
    const source = numberedStream(4, 3);
    const stream = standardized({}, { of: source });
    for (const e of [0, 1])
      for (const i of range(stream.train(e).length)) {
        expect(stream.train(e).task(i)).toBe(source.train(e).task(i));
        expect(stream.train(e).label(i)).toBe(source.train(e).label(i));
      }
  });

  it("refuses what does not fit", () => {
    const of = streamOf(rows);
    expect(() => standardized({ mean: [1, 2] }, { of })).toThrow(
      /given 2 values of "mean", where inputs have 3; give 3/,
    );
    expect(() => standardized({ deviation: [1, 0, 1] }, { of })).toThrow(/one is 0; leave that value at 1/);
    expect(() => standardized({}, { of }).train(0).input(0, new Uint8Array(3))).toThrow(/do not fit into bytes/);
  });
});
