import type { Examples } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { expect, it } from "vitest";
import { rearranged, selected, within } from "../src/index.js";

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
