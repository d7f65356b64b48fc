import { checkStream } from "@everlearn/conformance";
import { namesOf, numberedStream, range } from "@everlearn/oracle";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import plugin, { imbalanced } from "../src/index.js";

describe("imbalanced", () => {
  it("conforms to the stream contract", async () => {
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
    const given = () => ({ of: numberedStream(...sizes.map(() => n)), random: random(1) });
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
        const sizes = range(experiences).map((e) => 150 + (e % 50));
        const stream = imbalanced({ ratio, order: "descending" }, { of: numberedStream(...sizes), random: random(0) });
        sizes.forEach((n, r) => {
          const share = n * Math.exp((-r / (experiences - 1)) * Math.log(ratio));
          expect(stream.train(r).length).toBe(Math.ceil(share - 1e-6));
        });
      }
  });

  it("keeps examples with their tasks and labels, none twice", () => {
    for (const seed of range(30)) {
      const stream = imbalanced({ ratio: 4 }, { of: numberedStream(12, 12, 12), random: random(seed) });
      for (const e of range(3)) {
        const part = stream.train(e);
        expect(new Set(namesOf(part)).size).toBe(part.length);
        for (const i of range(part.length)) {
          expect(part.task(i)).toBe(e);
          expect(part.input(i)[0]).toBe(e);
          expect(part.label(i)).toBe(part.input(i)[1] % 2);
        }
      }
    }
  });

  it("draws by the seed which experience keeps how much, and at random what is kept", () => {
    const first = new Uint32Array(3);
    const kept = new Uint32Array(12);
    for (const seed of range(900)) {
      const stream = imbalanced({ ratio: 4 }, { of: numberedStream(12, 12, 12), random: random(seed) });
      const parts = range(3).map((e) => stream.train(e));
      first[parts.findIndex(({ length }) => length === 12)]++;
      const smallest = parts.find(({ length }) => length === 3);
      for (const i of range(3)) kept[smallest?.input(i)[1] ?? -1]++;
    }
    for (const times of first) expect(Math.abs(times - 300)).toBeLessThan(5 * Math.sqrt(200));
    for (const times of kept) expect(Math.abs(times - 225)).toBeLessThan(5 * Math.sqrt(225));
  });
});
