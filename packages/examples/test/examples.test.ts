import type { Examples, Experience, Stream } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { expect, it } from "vitest";
import { selectedExperience, ofTask, pool, rearranged, selected, within, withTraining } from "../src/index.js";

function numbered(size: number, kind: "bytes" | "floats"): Examples {
  const blank = () => (kind === "bytes" ? new Uint8Array(size) : new Float32Array(size));
  return {
    length: 5,
    label: (i) => i * 2,
    input(i, into = blank()) {
      for (let v = 0; v < size; v++) into[v] = 1 + ((i * 31 + v) % 200);
      return into;
    },
  };
}

it.each([1, 7, 8, 9, 784])("rearranges inputs of %i values, with 0 for the place behind the last", (size) => {
  const from = Uint16Array.from(random(size).permutation(size + 1, size));
  for (const kind of ["bytes", "floats"] as const) {
    const examples = numbered(size, kind);
    const view = rearranged(examples, from);
    const original = examples.input(3);
    const expected = original.map((_, i) => (from[i] === size ? 0 : original[from[i]]));
    expect(view.input(3)).toEqual(expected);
    const into = kind === "bytes" ? new Uint8Array(size) : new Float32Array(size);
    expect(view.input(3, into)).toBe(into);
    expect(into).toEqual(expected);
    expect(view.label(3)).toBe(6);
  }
});

it("selects examples in the order asked for, and says which there are", () => {
  const view = selected(numbered(2, "bytes"), Uint32Array.of(4, 4, 0));
  expect([view.length, view.label(0), view.label(2)]).toEqual([3, 8, 0]);
  expect(() => view.label(3)).toThrow("There is no example 3; use 0 to 2.");
  expect(() => within(2, 0.5, "task")).toThrow("There is no task 0.5; use 0 to 1.");
});

/** Experience e has `lengths[e]` examples of tasks e and e + 1 in turn; example i's input is [e, i], its label 10·e + i. */
function mixed(lengths: readonly number[]): Stream {
  const train = (e: number): Experience => ({
    length: lengths[e],
    label: (i) => 10 * e + i,
    input(i, into = new Uint8Array(2)) {
      into.set([e, i]);
      return into;
    },
    task: (i) => e + (i % 2),
  });
  return {
    tasks: lengths.length + 1,
    experiences: lengths.length,
    boundaries: false,
    shape: [2],
    classes: 4,
    classesOf: (task) => [task],
    train,
    test: (task) => train(task),
  };
}

it("pools the examples of all experiences, those of an empty one too, in any order", () => {
  const lengths = [3, 0, 4, 1, 0];
  const stream = mixed(lengths);
  const all = pool(stream);
  expect([all.length, all.starts]).toEqual([8, [0, 3, 3, 7, 8, 8]]);
  const listed = lengths.flatMap((length, e) => Array.from({ length }, (_, i) => [e, i]));
  const places = Uint32Array.of(7, 0, 3, 6, 3, 2, 1, 5, 4);
  const view = all.at(places);
  expect(view.length).toBe(9);
  places.forEach((place, i) => {
    const [e, at] = listed[place];
    expect([...view.input(i)]).toEqual([e, at]);
    expect([view.label(i), view.task(i)]).toEqual([10 * e + at, e + (at % 2)]);
  });
  const into = new Uint8Array(2);
  expect(view.input(3, into)).toBe(into);
  expect([...into]).toEqual([2, 3]);
  for (const read of [view.label, view.input, view.task]) {
    expect(() => read(9)).toThrow("There is no example 9; use 0 to 8.");
    expect(() => read(-1)).toThrow(RangeError);
  }
  expect(() => all.at(Uint32Array.of(8)).label(0)).toThrow("There is no example 8; use 0 to 7.");
});

it("chooses examples of an experience with their tasks, and makes an experience of one task", () => {
  const view = selectedExperience(mixed([5]).train(0), Uint32Array.of(4, 1));
  expect([view.length, view.label(0), view.task(0), view.label(1), view.task(1)]).toEqual([2, 4, 0, 1, 1]);
  expect(() => view.task(2)).toThrow("There is no example 2; use 0 to 1.");
  const own = ofTask(numbered(2, "bytes"), 7);
  expect([own.task(4), own.label(4)]).toEqual([7, 8]);
  expect(() => own.task(5)).toThrow("There is no example 5; use 0 to 4.");
});

it("gives a stream other training examples and leaves it all else, also where it is an instance of a class", () => {
  class Given {
    readonly tasks = 2;
    readonly experiences = 2;
    readonly boundaries = true;
    readonly shape = [2];
    readonly classes = 2;
    readonly #own = 5;
    classesOf(task: number): number[] {
      return [this.#own + task];
    }
    train(): Experience {
      throw new Error("It is not asked.");
    }
    test(task: number): Examples {
      return { ...numbered(2, "bytes"), length: this.#own + task };
    }
  }
  const train = (e: number) => ofTask(numbered(2, "bytes"), e);
  const stream = withTraining(new Given(), { experiences: 3, boundaries: false, train });
  expect(stream).toMatchObject({ tasks: 2, experiences: 3, boundaries: false, shape: [2], classes: 2 });
  expect([stream.classesOf(1), stream.test(1).length, stream.train(2).task(0)]).toEqual([[6], 6, 2]);
});
