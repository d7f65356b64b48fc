import type { Dataset, Examples, Input } from "@everlearn/contracts";
import { checkStream } from "@everlearn/conformance";
import { range } from "@everlearn/oracle";
import { random } from "@everlearn/random";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import plugin, { permuted } from "../src/index.js";

/** Example i is class i mod 3; its values are i, i + 1, …, all different. */
function sequences(length: number, size: number, floats: boolean): Examples {
  const at = (i: number): Input => {
    const values = Array.from({ length: size }, (_, j) => i + j);
    return floats ? Float32Array.from(values) : Uint8Array.from(values);
  };
  return {
    length,
    label: (i) => i % 3,
    input(i, into) {
      if (into === undefined) return at(i);
      into.set(at(i));
      return into;
    },
  };
}

function dataset({ train = 40, test = 9, shape = [4, 3, 2] as readonly number[], floats = false } = {}): Dataset {
  const size = shape.reduce((product, side) => product * side, 1);
  return {
    shape,
    classes: 3,
    train: sequences(train, size, floats),
    test: sequences(test, size, floats),
    checksum: "",
  };
}

const inputs = (examples: Examples): Input[] => range(examples.length).map((i) => examples.input(i));
const labels = (examples: Examples): number[] => range(examples.length).map((i) => examples.label(i));

describe("permuted", () => {
  it("conforms to the stream contract", async () => {
    await checkStream(plugin, { options: { tasks: 5, examplesPerTask: 50 } });
    await checkStream(plugin, { options: { tasks: 3, examplesPerTask: 20, testExamples: 10 } });
  });

  it("has the classes of the data set once for each task", () => {
    const stream = permuted({ tasks: 4, examplesPerTask: 10 }, { dataset: dataset(), random: random(0) });
    expect([stream.tasks, stream.classes, stream.shape]).toEqual([4, 12, [4, 3, 2]]);
    expect(stream.classesOf(3)).toEqual([9, 10, 11]);
  });

  it("shows every value once, in one order for all of a task's examples", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(19), fc.boolean(), (seed, task, floats) => {
        const given = { dataset: dataset({ floats }), random: random(seed) };
        const stream = permuted({ examplesPerTask: 5 }, given);
        const order = stream.test(task).input(0); // test example 0 holds its values' places
        expect(order.toSorted()).toEqual(given.dataset.test.input(0));
        for (const seen of [...inputs(stream.test(task)), ...inputs(stream.train(task))]) {
          const first = seen[order.indexOf(0)];
          expect(seen).toEqual(order.map((place) => place + first));
        }
      }),
      { numRuns: 50 },
    );
  });

  it("has another order for each task, the first included", () => {
    const given = { dataset: dataset(), random: random(0) };
    const stream = permuted({ examplesPerTask: 5 }, given);
    const seen = Array.from({ length: 20 }, (_, task) => stream.test(task).input(0).join());
    expect(new Set([...seen, given.dataset.test.input(0).join()]).size).toBe(21);
  });

  it("draws without replacement, and each task anew", () => {
    const stream = permuted({ tasks: 2, examplesPerTask: 30 }, { dataset: dataset(), random: random(0) });
    const drawn = [0, 1].map((task) => inputs(stream.train(task)).map((input) => Math.min(...input)));
    for (const which of drawn) expect(new Set(which).size).toBe(30);
    expect(drawn[0]).not.toEqual(drawn[1]);
    expect(labels(stream.train(0))).toEqual(drawn[0].map((i) => i % 3));
  });

  it("gives the same examples for the same seed, in whatever order they are read", () => {
    fc.assert(
      fc.property(fc.nat(), fc.array(fc.nat(19), { maxLength: 30 }), fc.boolean(), (seed, reads, floats) => {
        const make = () =>
          permuted({ tasks: 3, examplesPerTask: 20 }, { dataset: dataset({ floats }), random: random(seed) });
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

  it("has the same orders however many examples are asked for", () => {
    const make = (examplesPerTask: number, testExamples: number) =>
      permuted({ examplesPerTask, testExamples }, { dataset: dataset({ test: 1 }), random: random(5) });
    expect(inputs(make(3, 0).test(7))).toEqual(inputs(make(30, 1).test(7)));
  });

  it("tests every task on the same examples: all, or a draw", () => {
    const given = { dataset: dataset({ test: 30 }), random: random(2) };
    expect(labels(permuted({ examplesPerTask: 1 }, given).test(4))).toEqual(labels(given.dataset.test));
    const stream = permuted({ examplesPerTask: 1, testExamples: 20 }, given);
    expect(labels(stream.test(4))).toHaveLength(20);
    expect(labels(stream.test(4))).toEqual(labels(stream.test(11)));
  });

  it("works for inputs of more values than 16 bits count", () => {
    const shape = [70_000];
    const given = { dataset: dataset({ train: 1, test: 1, shape, floats: true }), random: random(0) };
    const seen = permuted({ tasks: 1, examplesPerTask: 1 }, given).train(0).input(0);
    expect(seen.toSorted()).toEqual(given.dataset.train.input(0));
  });

  it("says what does not fit", () => {
    const given = { dataset: dataset(), random: random(0) };
    expect(() => permuted({}, given)).toThrow(
      /examplesPerTask = 1000 asks for more examples than there are; use examplesPerTask ≤ 40/,
    );
    expect(() => permuted({ examplesPerTask: 1, testExamples: 10 }, given)).toThrow(/use testExamples ≤ 9/);
  });
});
