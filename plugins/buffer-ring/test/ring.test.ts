import plugin, { ring } from "@everlearn/buffer-ring";
import { checkBuffer } from "@everlearn/conformance";
import type { Example } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";

/** Example `i` of 60, whose tasks and classes change from one example to the next. */
function example(i: number): Required<Pick<Example, "task">> & Example {
  return { x: Uint8Array.of(i), y: (i * i) % 3, task: Math.floor(i / 2) % 4 };
}
const examples = Array.from({ length: 60 }, (_, i) => example(i));

describe("buffer-ring", () => {
  it("conforms to the buffer contract", async () => {
    await checkBuffer(plugin, { options: { capacity: 30, rings: 2 } });
    await checkBuffer(plugin, { options: { capacity: 30, rings: 4, per: "class" } });
    await checkBuffer(plugin, { options: { capacity: 11, rings: 5, per: "class" } });
  });

  it.each(["task", "class"] as const)("holds exactly the last ones of each %s, after every example", (per) => {
    const buffer = ring({ capacity: 14, rings: 4, per }, { random: random(0) });
    const of = ({ y, task }: (typeof examples)[number]) => (per === "class" ? y : task);
    examples.forEach((current, i) => {
      buffer.add(current);
      const expected = [0, 1, 2, 3].flatMap((r) =>
        examples
          .slice(0, i + 1)
          .filter((one) => of(one) === r)
          .slice(-3),
      );
      expect(new Set(buffer.all())).toEqual(new Set(expected));
      expect(buffer.size).toBe(expected.length);
    });
  });

  it("has room for as many as its rings hold", () => {
    expect(ring({ capacity: 14, rings: 4 }, { random: random(0) }).capacity).toBe(12);
  });

  it("needs task labels only for a ring per task", () => {
    const { needs } = plugin;
    if (typeof needs !== "function") throw new TypeError("Its needs depend on its options.");
    expect(needs({ capacity: 4, rings: 2, per: "task" })).toEqual(["taskLabels"]);
    expect(needs({ capacity: 4, rings: 2, per: "class" })).toEqual([]);
  });

  it("refuses fewer places than rings, an example without a task, and one of a task or class without a ring", () => {
    const make = (per: "task" | "class") => ring({ capacity: 4, rings: 2, per }, { random: random(0) });
    expect(() => ring({ capacity: 3, rings: 4 }, { random: random(0) })).toThrow(/capacity of 3 .* 4 rings/);
    expect(() => make("task").add({ x: Uint8Array.of(1), y: 0 })).toThrow(/task labels/);
    expect(() => make("task").add({ x: Uint8Array.of(1), y: 0, task: 2 })).toThrow(/task 2 .* number of tasks/);
    expect(() => make("class").add({ x: Uint8Array.of(1), y: 2 })).toThrow(/class 2 .* number of classes/);
  });
});
