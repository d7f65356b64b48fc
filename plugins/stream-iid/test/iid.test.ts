import { checkStream } from "@everlearn/conformance";
import { namesOf, numberedStream, range } from "@everlearn/oracle";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import plugin, { iid } from "../src/index.js";

describe("iid", () => {
  it("conforms to the stream contract", async () => {
    await checkStream(plugin);
    await checkStream(plugin, { options: { experiences: 7 } });
  });

  it.each([
    { experiences: 0, sizes: [13, 13, 14] },
    { experiences: 1, sizes: [40] },
    { experiences: 7, sizes: [5, 6, 6, 5, 6, 6, 6] },
    { experiences: 40, sizes: range(40).map(() => 1) },
  ])("shows every example once, in parts ($experiences)", ({ experiences, sizes }) => {
    const stream = iid({ experiences }, { of: numberedStream(20, 5, 15), random: random(1) });
    expect([stream.tasks, stream.experiences, stream.boundaries]).toEqual([3, sizes.length, false]);
    const parts = range(stream.experiences).map((e) => stream.train(e));
    expect(parts.map(({ length }) => length)).toEqual(sizes);
    const source = numberedStream(20, 5, 15);
    const all = range(3).flatMap((e) => namesOf(source.train(e)));
    expect(parts.flatMap(namesOf).toSorted()).toEqual(all.toSorted());
    for (const part of parts)
      for (const i of range(part.length)) {
        expect(part.task(i)).toBe(part.input(i)[0]);
        expect(part.label(i)).toBe(part.input(i)[1] % 2);
      }
  });

  it("has the same order for any number of parts, another for another seed", () => {
    const order = (experiences: number, seed: number) => {
      const stream = iid({ experiences }, { of: numberedStream(20, 5, 15), random: random(seed) });
      return range(stream.experiences).flatMap((e) => namesOf(stream.train(e)));
    };
    expect(order(7, 1)).toEqual(order(3, 1));
    expect(order(3, 2)).not.toEqual(order(3, 1));
  });

  it("shows each task at each place equally often", () => {
    const first = range(3000).map((seed) =>
      iid({}, { of: numberedStream(20, 5, 15), random: random(seed) })
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
    const given = { of: numberedStream(3, 4), random: random(0) };
    expect(() => iid({ experiences: 7 }, given)).not.toThrow();
    expect(() => iid({ experiences: 8 }, given)).toThrow(/7 training examples into 8 experiences; use experiences ≤ 7/);
  });
});
