import { checkStream } from "@everlearn/conformance";
import { namesOf, numberedStream, range } from "@everlearn/oracle";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import plugin, { blurry } from "../src/index.js";

describe("blurry", () => {
  it("conforms to the stream contract", async () => {
    await checkStream(plugin, { options: { fraction: 0.1 } });
    await checkStream(plugin, { options: { fraction: 0.5 } });
    await checkStream(plugin, { options: { fraction: 0 } });
  });

  it.each([
    { fraction: 0, lengths: [20, 30, 25] },
    { fraction: 0.1, lengths: [20, 30, 25] },
    { fraction: 0.29, lengths: [100, 100] },
    { fraction: 0.5, lengths: [20, 30, 25] },
    { fraction: 0.99, lengths: [40, 20, 20] },
  ])("has round(fraction·n) examples of other experiences in each ($fraction)", ({ fraction, lengths }) => {
    for (const seed of range(20)) {
      const source = numberedStream(...lengths);
      const stream = blurry({ fraction }, { of: source, random: random(seed) });
      expect([stream.tasks, stream.experiences, stream.boundaries]).toEqual([lengths.length, lengths.length, false]);
      const parts = lengths.map((_, e) => stream.train(e));
      expect(parts.map(({ length }) => length)).toEqual(lengths);
      expect(parts.flatMap(namesOf).toSorted()).toEqual(lengths.flatMap((_, e) => namesOf(source.train(e))).toSorted());
      parts.forEach((part, e) => {
        const strangers = range(part.length).filter((i) => part.input(i)[0] !== e);
        expect(strangers.length).toBe(Math.round(fraction * lengths[e]));
        for (const i of range(part.length)) {
          expect(part.task(i)).toBe(part.input(i)[0]);
          expect(part.label(i)).toBe(part.input(i)[1] % 2);
        }
      });
    }
  });

  it("shares an experience's examples out among all others, over all places", () => {
    const from = new Uint32Array(4);
    const at = new Uint32Array(20);
    for (const seed of range(1500)) {
      const part = blurry({ fraction: 0.2 }, { of: numberedStream(20, 20, 20, 20), random: random(seed) }).train(1);
      for (const i of range(20))
        if (part.task(i) !== 1) {
          from[part.task(i)]++;
          at[i]++;
        }
    }
    expect(from[1]).toBe(0);
    for (const task of [0, 2, 3]) expect(Math.abs(from[task] - 2000)).toBeLessThan(5 * Math.sqrt(2000));
    for (const places of at) expect(Math.abs(places - 300)).toBeLessThan(5 * Math.sqrt(300));
  });

  it("draws which examples leave uniformly", () => {
    const left = new Uint32Array(20);
    for (const seed of range(1500)) {
      const here = namesOf(blurry({ fraction: 0.2 }, { of: numberedStream(20, 20), random: random(seed) }).train(0));
      for (const i of range(20)) if (!here.includes(`0:${i}`)) left[i]++;
    }
    for (const times of left) expect(Math.abs(times - 300)).toBeLessThan(5 * Math.sqrt(300));
  });

  it("shuffles within experiences where nothing changes places", () => {
    const stream = blurry({ fraction: 0 }, { of: numberedStream(30, 30), random: random(1) });
    const orders = [0, 1].map((e) => range(30).map((i) => stream.train(e).input(i)[1]));
    expect(orders[0]).not.toEqual(range(30));
    expect(orders[0]).not.toEqual(orders[1]);
  });

  it("refuses an experience that is too large for the others, and one without others", () => {
    const make = (lengths: number[], fraction = 0.5) =>
      blurry({ fraction }, { of: numberedStream(...lengths), random: random(0) });
    expect(() => make([40, 20, 20])).not.toThrow();
    expect(() => make([42, 20, 20])).toThrow(/Experience 0 has 21 of the 41 examples .* fraction 0/);
    expect(() => make([40])).toThrow(/Experience 0 has 20 of the 20/);
    expect(() => make([40], 0)).not.toThrow();
  });
});
