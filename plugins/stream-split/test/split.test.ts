import type { Dataset, Examples, Input } from "@everlearn/contracts";
import { checkStream } from "@everlearn/conformance";
import { range } from "@everlearn/oracle";
import { random } from "@everlearn/random";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import plugin, { split } from "../src/index.js";

/** Example i is class i mod `classes`; its values are i and its class. */
function numbered(length: number, classes: number): Examples {
  return {
    length,
    label: (i) => i % classes,
    input(i, into: Input = new Uint8Array(2)) {
      into.set([i, i % classes]);
      return into;
    },
  };
}

const dataset = (classes = 6, train = 60, test = 24): Dataset => ({
  shape: [2],
  classes,
  train: numbered(train, classes),
  test: numbered(test, classes),
  checksum: "",
});

const numbers = (examples: Examples): number[] => range(examples.length).map((i) => examples.input(i)[0]);
const ascending = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);

describe("split", () => {
  it("conforms to the stream contract", async () => {
    await checkStream(plugin);
    await checkStream(plugin, { options: { classesPerTask: 5, examplesPerTask: 30, order: "ascending" } });
    await checkStream(plugin, { options: { classesPerTask: [6, 1, 3], order: [9, 1, 2, 3, 4, 5, 6, 7, 8, 0] } });
  });

  it("shows each class in one task, each example once, labelled by its class's place", () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(1, 2, 3, 6), fc.constantFrom("seed", "ascending"), (seed, size, order) => {
        const stream = split({ classesPerTask: size, order }, { dataset: dataset(), random: random(seed) });
        expect([stream.tasks, stream.classes, stream.shape]).toEqual([6 / size, 6, [2]]);
        const tasks = range(stream.tasks);
        expect(ascending(tasks.flatMap((task) => stream.classesOf(task)))).toEqual(range(6));
        for (const part of ["train", "test"] as const) {
          const seen = tasks.map((task) => stream[part](task));
          expect(ascending(seen.flatMap(numbers))).toEqual(range(part === "train" ? 60 : 24));
          for (const task of tasks)
            for (let i = 0; i < seen[task].length; i++)
              expect(stream.classesOf(task)[seen[task].label(i)]).toBe(seen[task].input(i)[1]);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("gives tasks as many classes as a list says, in the order that a list gives", () => {
    const sizes = fc.constantFrom([6], [3, 1, 2], [1, 1, 4], [2, 2, 2]);
    const orders = fc.shuffledSubarray(range(6), { minLength: 6 });
    fc.assert(
      fc.property(fc.nat(), sizes, orders, (seed, classesPerTask, order) => {
        const stream = split({ classesPerTask, order }, { dataset: dataset(), random: random(seed) });
        const tasks = range(stream.tasks);
        expect(tasks.map((task) => stream.classesOf(task).length)).toEqual(classesPerTask);
        expect(tasks.flatMap((task) => stream.classesOf(task))).toEqual(order);
        for (const task of tasks) {
          const [seen, tested] = [stream.train(task), stream.test(task)];
          expect([seen.length, tested.length]).toEqual([10 * classesPerTask[task], 4 * classesPerTask[task]]);
          for (const examples of [seen, tested])
            for (let i = 0; i < examples.length; i++)
              expect(stream.classesOf(task)[examples.label(i)]).toBe(examples.input(i)[1]);
        }
      }),
      { numRuns: 20 },
    );
  });

  it("shows the same examples for a list of equal sizes as for the size", () => {
    const content = (classesPerTask: number | readonly number[]) => {
      const stream = split({ classesPerTask }, { dataset: dataset(), random: random(3) });
      return range(stream.tasks).map((task) => [stream.classesOf(task), numbers(stream.train(task))]);
    };
    expect(content([3, 3])).toEqual(content(3));
  });

  it("has iCaRL's order of a hundred classes, whatever the seed", () => {
    const make = (seed: number) =>
      split(
        { classesPerTask: [50, ...range(5).map(() => 10)], order: "icarl" },
        { dataset: dataset(100, 200, 100), random: random(seed) },
      );
    const listed = (stream: ReturnType<typeof split>) => range(stream.tasks).flatMap((task) => stream.classesOf(task));
    expect(make(1).classesOf(0).slice(0, 10)).toEqual([68, 56, 78, 8, 23, 84, 90, 65, 74, 76]);
    expect(make(1).classesOf(5).slice(-3)).toEqual([49, 57, 33]);
    expect(ascending(listed(make(1)))).toEqual(range(100));
    expect(listed(make(1))).toEqual(listed(make(2)));
    expect(numbers(make(1).train(0))).not.toEqual(numbers(make(2).train(0)));
  });

  it("lends nobody the list of a task's classes", () => {
    const stream = split({}, { dataset: dataset(), random: random(0) });
    const own = stream.classesOf(1);
    (stream.classesOf(1) as number[]).fill(9);
    expect(stream.classesOf(1)).toEqual(own);
  });

  it("draws the classes' order by seed, or takes them by number", () => {
    const classes = (seed: number, order: "seed" | "ascending"): string => {
      const stream = split({ order }, { dataset: dataset(), random: random(seed) });
      return range(3)
        .flatMap((task) => stream.classesOf(task))
        .join("");
    };
    expect(classes(1, "ascending")).toBe("012345");
    expect(new Set(range(10).map((seed) => classes(seed, "seed"))).size).toBeGreaterThan(5);
  });

  it("gives the same examples for the same seed, shuffled", () => {
    const make = () => split({ order: "ascending" }, { dataset: dataset(), random: random(7) });
    const [one, other] = [make(), make()];
    const expected = range(3).map((task) => numbers(one.train(task)));
    for (const task of [2, 0, 1]) expect(numbers(other.train(task))).toEqual(expected[task]);
    expect(expected[0]).not.toEqual(ascending(expected[0]));
    const test = one.test(1);
    const into = new Uint8Array(2);
    for (const i of [3, 0, 3]) expect(test.input(i, into)).toEqual(test.input(i));
  });

  it("draws examplesPerTask without replacement from the task's classes", () => {
    const stream = split({ classesPerTask: 3, examplesPerTask: 25 }, { dataset: dataset(), random: random(1) });
    for (const task of [0, 1]) {
      const drawn = numbers(stream.train(task));
      expect(new Set(drawn).size).toBe(25);
      expect(drawn.every((i) => stream.classesOf(task).includes(i % 6))).toBe(true);
    }
  });

  it("says what does not fit", () => {
    const given = { dataset: dataset(), random: random(0) };
    expect(() => split({ classesPerTask: 4 }, given)).toThrow(/6 classes cannot be shared out evenly among tasks of 4/);
    expect(() => split({ examplesPerTask: 21 }, given)).toThrow(
      /examplesPerTask = 21 asks for more than the 20 training examples of task 0/,
    );
    expect(() => split({ classesPerTask: [3, 2], examplesPerTask: 21 }, given)).toThrow(
      "classesPerTask lists 5 classes in 2 tasks, but the data set has 6; list sizes that add up to 6.",
    );
    expect(() => split({ classesPerTask: [4, 2], examplesPerTask: 21 }, given)).toThrow(
      /more than the 20 training examples of task 1/,
    );
    expect(() => split({ classesPerTask: [] }, given)).toThrow("lists 0 classes in 0 tasks");
    expect(() => split({ order: [0, 1, 2, 3, 4] }, given)).toThrow("order leaves out class 5; list 0 to 5, each once.");
    expect(() => split({ order: [] }, given)).toThrow("order leaves out classes 0, 1, 2, 3, 4 and 1 more;");
    expect(() => split({ order: [0, 1, 2, 3, 4, 5, 1] }, given)).toThrow(
      "order lists class 1 more than once; list 0 to 5, each once.",
    );
    expect(() => split({ order: [0, 1, 2, 3, 4, 6] }, given)).toThrow(
      "order lists class 6, which the data set does not have; list 0 to 5, each once.",
    );
    expect(() => split({ order: "icarl" }, given)).toThrow(
      'The order "icarl" is one of 100 classes, but the data set has 6; list the order of yours.',
    );
  });
});
