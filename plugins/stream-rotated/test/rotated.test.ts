import type { Dataset, Examples, Input } from "@everlearn/contracts";
import { checkStream } from "@everlearn/conformance";
import { range } from "@everlearn/oracle";
import { random } from "@everlearn/random";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import plugin, { rotated } from "../src/index.js";
import { rotation } from "../src/rotation.js";

/** Example i is class i mod 3; its values tell it and their places apart, and none is black. */
function images(length: number, shape: readonly number[], floats = false): { examples: Examples; data: Input } {
  const size = shape.reduce((product, side) => product * side, 1);
  const values = Array.from({ length: length * size }, (_, i) => 1 + ((i * 7) % 251));
  const data = floats ? Float32Array.from(values) : Uint8Array.from(values);
  const at = (i: number): Input => data.subarray(i * size, (i + 1) * size);
  return {
    data,
    examples: {
      length,
      label: (i) => i % 3,
      input(i, into) {
        if (into === undefined) return at(i);
        into.set(at(i));
        return into;
      },
    },
  };
}

function dataset({ train = 40, test = 9, shape = [6, 5, 1] as readonly number[], floats = false } = {}): Dataset {
  return {
    shape,
    classes: 3,
    train: images(train, shape, floats).examples,
    test: images(test, shape, floats).examples,
    checksum: "",
  };
}

const inputs = (examples: Examples): Input[] => range(examples.length).map((i) => examples.input(i));
const labels = (examples: Examples): number[] => range(examples.length).map((i) => examples.label(i));
const counts = (labels: number[]): number[] => [0, 1, 2].map((c) => labels.filter((label) => label === c).length);

describe("rotated", () => {
  it("conforms to the stream contract", async () => {
    await checkStream(plugin, { options: { tasks: 5, examplesPerTask: 50 } });
    await checkStream(plugin, { options: { tasks: 3, examplesPerTask: 20, maxAngle: 360, testExamples: 10 } });
  });

  it("has the classes of the data set once for each task", () => {
    const stream = rotated({ tasks: 4, examplesPerTask: 10 }, { dataset: dataset(), random: random(0) });
    expect([stream.tasks, stream.classes, stream.shape]).toEqual([4, 12, [6, 5, 1]]);
    expect([0, 3].map((task) => stream.classesOf(task))).toEqual([
      [0, 1, 2],
      [9, 10, 11],
    ]);
  });

  it("turns every image of a task by one angle, drawn from the task's share of the range", () => {
    const given = { dataset: dataset({ shape: [28, 28] }), random: random(3) };
    const stream = rotated({ tasks: 4, examplesPerTask: 1, maxAngle: 40 }, given);
    for (let task = 0; task < 4; task++) {
      const angle = 10 * (task + random(3).fork(`task-${task}`).fork("angle").uniform());
      const sources = [...rotation(28, 28, angle)];
      inputs(stream.test(task)).forEach((seen, i) => {
        const image = given.dataset.test.input(i);
        expect([...seen]).toEqual(sources.map((from) => (from < 0 ? 0 : image[from])));
      });
    }
  });

  it("keeps the channels of a pixel together", () => {
    const shape = [4, 4, 3];
    const given = { dataset: dataset({ train: 1, shape }), random: random(1) };
    const [source, seen] = [given.dataset.train.input(0), rotated({ examplesPerTask: 1 }, given).train(9).input(0)];
    const pixels = (values: Input): string[] =>
      Array.from({ length: 16 }, (_, p) => values.slice(p * 3, p * 3 + 3).join());
    const known = new Set([...pixels(source), "0,0,0"]);
    expect(pixels(seen).every((pixel) => known.has(pixel))).toBe(true);
    expect(pixels(seen)).not.toEqual(pixels(source));
  });

  it("draws without replacement, and each task anew", () => {
    const stream = rotated({ tasks: 2, examplesPerTask: 40 }, { dataset: dataset(), random: random(0) });
    const order = [0, 1].map((task) => labels(stream.train(task)));
    for (const drawn of order) expect(counts(drawn)).toEqual(counts(labels(dataset().train)));
    expect(order[0]).not.toEqual(order[1]);
  });

  it("gives the same examples for the same seed, in whatever order they are read", () => {
    fc.assert(
      fc.property(fc.nat(), fc.array(fc.nat(19), { maxLength: 30 }), fc.boolean(), (seed, reads, floats) => {
        const make = () =>
          rotated({ tasks: 3, examplesPerTask: 20 }, { dataset: dataset({ floats }), random: random(seed) });
        const [one, other] = [make(), make()];
        other.test(0).input(0);
        const expected = [0, 1, 2].map((task) => inputs(one.train(task)));
        for (const task of [2, 0, 1]) {
          const examples = other.train(task);
          const into = examples.input(0);
          for (const i of reads) {
            expect(examples.input(i, into)).toBe(into);
            expect(into).toEqual(expected[task][i]);
          }
        }
      }),
      { numRuns: 25 },
    );
  });

  it("turns by the same angles however many examples are asked for", () => {
    const make = (examplesPerTask: number, testExamples: number) =>
      rotated({ examplesPerTask, testExamples }, { dataset: dataset({ test: 1 }), random: random(5) });
    expect(inputs(make(3, 0).test(7))).toEqual(inputs(make(30, 1).test(7)));
  });

  it("tests every task on the same images: all, or a draw", () => {
    const given = { dataset: dataset({ test: 30 }), random: random(2) };
    expect(labels(rotated({ examplesPerTask: 1 }, given).test(4))).toEqual(labels(given.dataset.test));
    const stream = rotated({ examplesPerTask: 1, testExamples: 20 }, given);
    expect(labels(stream.test(4))).toHaveLength(20);
    expect(labels(stream.test(4))).toEqual(labels(stream.test(11)));
  });

  it("answers inputs that stay, of the data set's kind, and leaves the data set as it is", () => {
    for (const floats of [false, true]) {
      const { examples, data } = images(8, [6, 5], floats);
      const before = data.slice();
      const whole: Dataset = { shape: [6, 5], classes: 3, train: examples, test: examples, checksum: "" };
      const read = rotated({ examplesPerTask: 8 }, { dataset: whole, random: random(0) }).train(3);
      const first = read.input(0);
      const copy = first.slice();
      inputs(read);
      expect(first).toEqual(copy);
      expect(first).toBeInstanceOf(floats ? Float32Array : Uint8Array);
      first.fill(200);
      expect(data).toEqual(before);
    }
  });

  it("says what does not fit", () => {
    const given = { dataset: dataset(), random: random(0) };
    expect(() => rotated({}, given)).toThrow(
      /examplesPerTask = 1000 asks for more examples than there are; use examplesPerTask ≤ 40/,
    );
    expect(() => rotated({ examplesPerTask: 1, testExamples: 10 }, given)).toThrow(/use testExamples ≤ 9/);
    const flat = { dataset: dataset({ shape: [30] }), random: random(0) };
    expect(() => rotated({ examplesPerTask: 1 }, flat)).toThrow(/shape is \[30\]/);
  });
});
