import { checkStream } from "@everlearn/conformance";
import type { Experience, Stream } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import plugin, { imbalanced } from "../src/index.js";

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

describe("imbalanced", () => {
  it("does what a stream must do", async () => {
    await checkStream(plugin, { options: { ratio: 10 } });
    await checkStream(plugin, { options: { ratio: 3.5, order: "descending" } });
    await checkStream(plugin, { options: { ratio: 1 } });
  });

  it.each([
    { ratio: 1, n: 50, sizes: [50, 50, 50, 50] },
    { ratio: 8, n: 200, sizes: [200, 100, 50, 25] },
    { ratio: 100, n: 200, sizes: [200, 20, 2] },
    { ratio: 81, n: 162, sizes: [162, 54, 18, 6, 2] },
    { ratio: 2, n: 100, sizes: [100, 71, 50] }, // 70.7 is rounded up
    { ratio: 1000, n: 100, sizes: [100, 4, 1] }, // 3.2 and 0.1
    { ratio: 5, n: 100, sizes: [100] },
    { ratio: 1e6, n: 64, sizes: [64, 1] },
  ])("keeps ⌈n·ratio^(−r/(E−1))⌉ ($ratio: $sizes)", ({ ratio, n, sizes }) => {
    const given = () => ({ stream: tasksOf(sizes.map(() => n)), random: random(1) });
    const lengths = (order: "seed" | "descending") => {
      const stream = imbalanced({ ratio, order }, given());
      expect([stream.experiences, stream.boundaries]).toEqual([sizes.length, true]);
      return sizes.map((_, e) => stream.train(e).length);
    };
    expect(lengths("descending")).toEqual(sizes);
    expect(lengths("seed").toSorted((a, b) => b - a)).toEqual(sizes);
  });

  it("follows the exponential profile for any number of experiences, of any sizes", () => {
    for (const experiences of [2, 3, 7, 20, 100])
      for (const ratio of [1.5, 10, 50, 333]) {
        const sizes = count(experiences).map((e) => 150 + (e % 50));
        const stream = imbalanced({ ratio, order: "descending" }, { stream: tasksOf(sizes), random: random(0) });
        sizes.forEach((n, r) => {
          const share = n * Math.exp((-r / (experiences - 1)) * Math.log(ratio));
          expect(stream.train(r).length).toBe(Math.ceil(share - 1e-6));
        });
      }
  });

  it("draws who keeps how much by the seed, and what is kept at random", () => {
    const first = new Uint32Array(3);
    const kept = new Uint32Array(12);
    for (const seed of count(900)) {
      const stream = imbalanced({ ratio: 4 }, { stream: tasksOf([12, 12, 12]), random: random(seed) });
      const parts = count(3).map((e) => stream.train(e));
      first[parts.findIndex(({ length }) => length === 12)]++;
      for (const [e, part] of parts.entries()) {
        expect(new Set(names(part)).size).toBe(part.length);
        for (const i of count(part.length)) {
          expect(part.task(i)).toBe(e);
          expect(part.input(i)[0]).toBe(e);
          expect(part.label(i)).toBe(part.input(i)[1] % 2);
          if (part.length === 3) kept[part.input(i)[1]]++;
        }
      }
    }
    for (const times of first) expect(Math.abs(times - 300)).toBeLessThan(5 * Math.sqrt(200));
    for (const times of kept) expect(Math.abs(times - 225)).toBeLessThan(5 * Math.sqrt(225));
  });
});
