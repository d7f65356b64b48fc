import type { Augmentation, Example, Input, Learner, Query } from "@everlearn/contracts";
import { toyBuffer } from "@everlearn/conformance";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import { augment } from "../src/augment.js";

/** Adds 1, 2, 3, … to the values of successive views. */
function counting(): Augmentation {
  let views = 0;
  return {
    apply(x, into) {
      views++;
      for (let i = 0; i < x.length; i++) into[i] = x[i] + views;
    },
  };
}
const twice: Augmentation = { atTest: true, real: true, apply: (x, into) => x.forEach((v, i) => (into[i] = 2 * v)) };
const plusOne: Augmentation = { apply: (x, into) => x.forEach((v, i) => (into[i] = v + 1)) };

const bytes = (...values: number[]): Example => ({ x: Uint8Array.from(values), y: 3, task: 1 });
const valuesOf = (examples: readonly { readonly x: Input }[]) => examples.map(({ x }) => [...x]);

/** A learner that notes what it sees. */
function witness() {
  const seen: Example[] = [];
  const asked: number[][] = [];
  const learner: Learner = {
    observe: (batch) => void seen.push(...batch),
    predict(queries) {
      asked.push(...valuesOf(queries));
      return new Uint16Array(queries.length);
    },
    save: () => "saved",
    load() {},
  };
  return { learner, seen, asked };
}

describe("views", () => {
  it("are fresh each time, made of originals, and found back to them", () => {
    const { views } = augment([counting()], { inputs: 2 });
    const example = { ...bytes(10, 20), logits: [1] };
    const first = views.view(example);
    expect(first).toEqual({ ...example, x: Uint8Array.of(11, 21) });
    expect(valuesOf([views.view(first), views.view(example), views.plain(first)])).toEqual([
      [12, 22],
      [13, 23],
      [10, 20],
    ]);
    expect(views.original(first)).toEqual(example);
    expect(views.original(first).x).toBe(example.x);
    expect(views.original(example)).toBe(example);
    expect(valuesOf([example])).toEqual([[10, 20]]);
  });

  it("apply parts in turn, bytes as long as none computes with numbers", () => {
    const at = (parts: Augmentation[], x: Input = Uint8Array.of(51, 102)) =>
      augment(parts, { inputs: 2 }).views.view({ x }).x;
    expect(at([plusOne, plusOne, plusOne])).toEqual(Uint8Array.of(54, 105));
    expect(at([plusOne, twice])).toEqual(Float32Array.of((2 * 52) / 255, (2 * 103) / 255));
    expect(at([twice, plusOne])).toEqual(
      Float32Array.of(Math.fround(2 * Math.fround(0.2)) + 1, 2 * Math.fround(0.4) + 1),
    );
    expect(at([twice, twice, plusOne, twice], Float32Array.of(1, 3))).toEqual(Float32Array.of(10, 26));
  });

  it("of a run without augmentation are the examples themselves", () => {
    const { views, learner, buffer } = augment([], { inputs: 2 });
    const example = bytes(1, 2);
    for (const one of [views.view(example), views.plain(example), views.original(example)]) expect(one).toBe(example);
    const [own, memory] = [witness().learner, toyBuffer({}, { random: random(0) })];
    expect(learner(own)).toBe(own);
    expect(buffer(memory)).toBe(memory);
  });
});

describe("an augmented learner and its buffer", () => {
  it("keep originals and train on fresh views", () => {
    const memory = toyBuffer({ capacity: 1 }, { random: random(0) });
    const { learner, buffer } = augment([counting()], { inputs: 1 });
    const [{ learner: own, seen }, seenBuffer] = [witness(), buffer(memory)];
    const example = bytes(10);
    learner(own).observe([example]);
    expect(valuesOf(seen)).toEqual([[11]]);
    seenBuffer.add({ ...seen[0], y: 2 });
    expect(memory.all()).toEqual([{ ...example, y: 2 }]);
    const draws = seenBuffer.sample(1);
    expect(valuesOf(draws)).toEqual([[12]]);
    seenBuffer.add(draws[0]);
    expect(valuesOf(memory.all())).toEqual([[10]]);
    expect(valuesOf(seenBuffer.sample(1))).toEqual([[13]]);
    expect(valuesOf(seenBuffer.all())).toEqual([[10]]);
    expect([seenBuffer.capacity, seenBuffer.size]).toEqual([1, 1]);
    expect(seenBuffer.save()).toEqual(memory.save());
  });

  it("draw an example that comes twice in one draw as one view", () => {
    const memory = toyBuffer({ capacity: 3 }, { random: random(0) });
    const { sample, add } = augment([counting()], { inputs: 1 }).buffer(memory);
    for (const value of [10, 30, 50]) add(bytes(value));
    const draws = Array.from({ length: 30 }, () => sample(3));
    for (const drawn of draws) {
      const origins = drawn.map(({ x }) => x[0]);
      expect(new Set(drawn).size).toBe(new Set(origins).size);
    }
    expect(draws.filter((drawn) => new Set(drawn).size < 3).length).toBeGreaterThan(5);
  });

  it("see queries by what holds at test, in numbers where training sees numbers", () => {
    const queries: Query[] = [{ x: Uint8Array.of(51) }, { x: Uint8Array.of(102), outputs: [1] }];
    const asked = (parts: Augmentation[]) => {
      const { learner: own, asked: all } = witness();
      const { predict } = augment(parts, { inputs: 1 }).learner(own);
      predict(queries);
      predict(queries.toReversed());
      return all.flat();
    };
    const halves = [51, 102, 102, 51];
    expect(asked([plusOne])).toEqual(halves);
    expect(asked([plusOne, twice])).toEqual(halves.map((b) => 2 * Math.fround(b / 255)));
    expect(asked([{ ...twice, atTest: false }])).toEqual(halves.map((b) => Math.fround(b / 255)));
    expect(valuesOf(queries)).toEqual([[51], [102]]);
  });
});
