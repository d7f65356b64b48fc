import plugin, { reservoir } from "@everlearn/buffer-reservoir";
import { checkBuffer } from "@everlearn/conformance";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";

const variants = ["exact", "released"] as const;
const [capacity, length, rounds] = [5, 20, 20_000];

/** How often each item of the stream is held at its end, over `rounds` independent reservoirs. */
function inclusions(variant: (typeof variants)[number]): Uint32Array {
  const counts = new Uint32Array(length);
  const draw = random(1, variant);
  for (let round = 0; round < rounds; round++) {
    const buffer = reservoir<number>({ capacity, variant }, { random: draw });
    for (let i = 0; i < length; i++) buffer.add(i);
    for (const i of buffer.all()) counts[i]++;
  }
  return counts;
}

/** The probability with which item i is held: the closed forms for an exact reservoir and for the released code. */
const closed = {
  exact: () => capacity / length,
  released: (i: number) => (capacity + (i < capacity ? 1 : 0)) / (length + 1),
};

function chiSquare(counts: Uint32Array, probability: (i: number) => number): number {
  return counts.reduce((sum, count, i) => {
    const p = probability(i);
    return sum + (count - rounds * p) ** 2 / (rounds * p * (1 - p));
  }, 0);
}

/** The 1 − 10⁻⁶ quantile of χ² with 19 degrees of freedom. */
const limit = 63;

describe("buffer-reservoir", () => {
  it.each(variants)("conforms to the buffer contract (%s)", async (variant) => {
    await checkBuffer(plugin, { options: { capacity: 30, variant }, reservoir: variant === "exact" });
    await checkBuffer(plugin, { options: { capacity: 1, variant } });
    await checkBuffer(plugin, { options: { capacity: 1000, variant } });
  });

  it.each(variants)("holds each item with the probability of its closed form (%s)", (variant) => {
    const other = variant === "exact" ? "released" : "exact";
    const counts = inclusions(variant);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(rounds * capacity);
    expect(chiSquare(counts, closed[variant])).toBeLessThan(limit);
    expect(chiSquare(counts, closed[other])).toBeGreaterThan(limit);
  });

  it("holds the first items in their order until it is full", () => {
    const buffer = reservoir<string>({ capacity: 3 }, { random: random(0) });
    for (const item of ["a", "b", "c"]) buffer.add(item);
    expect(buffer.all()).toEqual(["a", "b", "c"]);
  });
});
