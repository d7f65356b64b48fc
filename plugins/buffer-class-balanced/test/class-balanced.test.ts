import plugin, { classBalanced } from "@everlearn/buffer-class-balanced";
import { checkBuffer } from "@everlearn/conformance";
import type { Example } from "@everlearn/contracts";
import { range } from "@everlearn/oracle";
import { random } from "@everlearn/random";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const example = (i: number, y: number): Example => ({ x: Uint8Array.of(i), y });
const offers = (classes: readonly number[]): Example[] => classes.map((y, i) => example(i, y));
const repeat = (y: number, times: number): number[] => new Array<number>(times).fill(y);

/** How many examples of each class are held. */
function sizes(examples: readonly Example[], classes: number): number[] {
  return range(classes).map((c) => examples.filter(({ y }) => y === c).length);
}

/** How often each of a stream's examples is held at its end. */
function inclusions(capacity: number, classes: readonly number[], rounds: number): Uint32Array {
  const counts = new Uint32Array(classes.length);
  const draw = random(1);
  for (let round = 0; round < rounds; round++) {
    const buffer = classBalanced({ capacity }, { random: draw });
    for (const one of offers(classes)) buffer.add(one);
    for (const { x } of buffer.all()) counts[x[0]]++;
  }
  return counts;
}

describe("buffer-class-balanced", () => {
  it("conforms to the buffer contract", async () => {
    await checkBuffer(plugin, { options: { capacity: 30 } });
    await checkBuffer(plugin, { options: { capacity: 1 } });
    await checkBuffer(plugin, { options: { capacity: 1000 } });
  });

  it.each([
    { stream: [...repeat(0, 100), ...repeat(1, 100), ...repeat(2, 100)], held: [4, 4, 4] },
    { stream: [...repeat(0, 500), ...repeat(1, 2), ...repeat(2, 3)], held: [7, 2, 3] },
    { stream: [...repeat(2, 3), ...repeat(0, 500), ...repeat(1, 5)], held: [4, 5, 3] },
    { stream: [...repeat(0, 6), ...repeat(1, 6), ...repeat(0, 90), ...repeat(1, 90)], held: [6, 6] },
    { stream: [...repeat(0, 11), ...repeat(1, 90), ...repeat(0, 90)], held: [6, 6] },
    { stream: repeat(3, 90), held: [0, 0, 0, 12] },
  ])("has in 12 places as many of each class as the stream allows ($held)", ({ stream, held }) => {
    for (const seed of range(20)) {
      const buffer = classBalanced({ capacity: 12 }, { random: random(seed) });
      for (const one of offers(stream)) buffer.add(one);
      expect(sizes(buffer.all(), held.length)).toEqual(held);
    }
  });

  it("follows Algorithm 1: which class gives a place and which may not grow, after every example", () => {
    const streams = fc.array(fc.constantFrom(0, 0, 0, 1, 1, 2, 3), { minLength: 30, maxLength: 120 });
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 12 }), streams, (seed, capacity, classes) => {
        const buffer = classBalanced({ capacity }, { random: random(seed) });
        const full = new Set<number>();
        for (const one of offers(classes)) {
          const before = sizes(buffer.all(), 4);
          const filled = buffer.size === capacity;
          const top = Math.max(...before);
          buffer.add(one);
          const change = sizes(buffer.all(), 4).map((size, c) => size - before[c]);
          const held = buffer.all().some(({ x }) => x === one.x);
          const own = range(4).map((c) => (c === one.y ? 1 : 0));
          if (!filled) expect(change).toEqual(own);
          else if (full.has(one.y)) expect(change).toEqual([0, 0, 0, 0]);
          else {
            expect(held).toBe(true);
            expect(change[one.y]).toBe(1);
            expect(before[change.indexOf(-1)]).toBe(top);
          }
          const after = sizes(buffer.all(), 4);
          if (buffer.size === capacity) for (const c of range(4)) if (after[c] === Math.max(...after)) full.add(c);
        }
      }),
      { numRuns: 100 },
    );
  });

  it("is a reservoir of each class: every example of a full class is held with the same probability", () => {
    // Class 1 fills with the fourth of its ten; from then on both are full, four of each are held.
    const classes = [...repeat(0, 12), ...repeat(1, 10)];
    const rounds = 20_000;
    const counts = inclusions(8, classes, rounds);
    const expected = classes.map((y) => 4 / (y === 0 ? 12 : 10));
    counts.forEach((times, i) => {
      const p = expected[i];
      expect(Math.abs(times / rounds - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / rounds));
    });
  });

  it("takes the place of any example of the largest classes alike", () => {
    // Three of 0, three of 1, one of 2; then the second of 2 comes.
    const rounds = 6000;
    const counts = inclusions(7, [0, 0, 0, 1, 1, 1, 2, 2], rounds);
    for (const i of range(6))
      expect(Math.abs(counts[i] - (rounds * 5) / 6)).toBeLessThan(5 * Math.sqrt((rounds * 5) / 36));
    expect([counts[6], counts[7]]).toEqual([rounds, rounds]);
  });

  it("remembers across save and load how many came and which classes are full", () => {
    const make = () => classBalanced({ capacity: 6 }, { random: random(5) });
    const [one, other] = [make(), make()];
    // 0 and 1 are full with three each; then 2 takes two places.
    for (const shown of offers([0, 0, 0, 1, 1, 1, 2, 2])) one.add(shown);
    other.load(one.save());
    const more = offers([...repeat(0, 40), ...repeat(1, 40)]).map(({ x, y }) => example(x[0] + 100, y));
    for (const shown of more) other.add(shown);
    expect(sizes(other.all(), 3)).toEqual(sizes(one.all(), 3));
    expect(sizes(one.all(), 3)).toEqual([2, 2, 2]);
  });
});
