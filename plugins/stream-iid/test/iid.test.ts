import { checkStream } from "@everlearn/conformance";
import type { Experience, Stream } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import plugin, { iid } from "../src/index.js";

/** Task after task; example i of task t has the input [t, i] and the label i mod 2. */
function tasksOf(lengths: readonly number[]): Stream {
  const examples = (task: number, length: number): Experience => ({
    length,
    label: (i) => i % 2,
    input(i, into = new Uint8Array(2)) {
      into.set([task, i]);
      return into;
    },
    task: () => task,
  });
  return {
    tasks: lengths.length,
    experiences: lengths.length,
    boundaries: true,
    shape: [2],
    classes: 2,
    classesOf: () => [0, 1],
    train: (task) => examples(task, lengths[task]),
    test: (task) => examples(task, 4),
  };
}

const count = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
/** Which examples an experience has, as "task:number". */
const names = (experience: Experience): string[] => count(experience.length).map((i) => experience.input(i).join(":"));

describe("iid", () => {
  it("does what a stream must do", async () => {
    await checkStream(plugin);
    await checkStream(plugin, { options: { experiences: 7 } });
  });

  it.each([
    { experiences: 0, sizes: [13, 13, 14] },
    { experiences: 1, sizes: [40] },
    { experiences: 7, sizes: [5, 6, 6, 5, 6, 6, 6] },
    { experiences: 40, sizes: count(40).map(() => 1) },
  ])("shows every example once, in parts ($experiences)", ({ experiences, sizes }) => {
    const stream = iid({ experiences }, { stream: tasksOf([20, 5, 15]), random: random(1) });
    expect([stream.tasks, stream.experiences, stream.boundaries]).toEqual([3, sizes.length, false]);
    const parts = count(stream.experiences).map((e) => stream.train(e));
    expect(parts.map(({ length }) => length)).toEqual(sizes);
    const source = tasksOf([20, 5, 15]);
    const all = count(3).flatMap((e) => names(source.train(e)));
    expect(parts.flatMap(names).toSorted()).toEqual(all.toSorted());
    for (const part of parts)
      for (const i of count(part.length)) {
        expect(part.task(i)).toBe(part.input(i)[0]);
        expect(part.label(i)).toBe(part.input(i)[1] % 2);
      }
  });

  it("has the same order for any number of parts, another for another seed", () => {
    const order = (experiences: number, seed: number) => {
      const stream = iid({ experiences }, { stream: tasksOf([20, 5, 15]), random: random(seed) });
      return count(stream.experiences).flatMap((e) => names(stream.train(e)));
    };
    expect(order(7, 1)).toEqual(order(3, 1));
    expect(order(3, 2)).not.toEqual(order(3, 1));
  });

  it("shows each task at each place equally often", () => {
    const first = count(3000).map((seed) =>
      iid({}, { stream: tasksOf([20, 5, 15]), random: random(seed) })
        .train(0)
        .task(0),
    );
    for (const [task, n] of [20, 5, 15].entries()) {
      const p = n / 40;
      const share = first.filter((one) => one === task).length / 3000;
      expect(Math.abs(share - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / 3000));
    }
  });

  it("refuses more parts than examples", () => {
    const given = { stream: tasksOf([3, 4]), random: random(0) };
    expect(() => iid({ experiences: 7 }, given)).not.toThrow();
    expect(() => iid({ experiences: 8 }, given)).toThrow(/7 training examples into 8 experiences; use experiences ≤ 7/);
  });
});
