import { checkStream } from "@everlearn/conformance";
import type { Stream } from "@everlearn/contracts";
import { namesOf, numberedStream, range } from "@everlearn/oracle";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import plugin, { recurring } from "../src/index.js";

describe("recurring", () => {
  it("conforms to the stream contract", async () => {
    await checkStream(plugin, { options: { rounds: 3 }, seedless: true });
    await checkStream(plugin, { options: { rounds: 4, order: "shuffled" } });
    await checkStream(plugin, { options: { rounds: 1 }, seedless: true });
  });

  it.each(["same", "shuffled"] as const)("shows every experience once a round, with new examples (%s)", (order) => {
    const lengths = [20, 7, 16];
    const source = numberedStream(...lengths);
    const stream = recurring({ rounds: 4, order }, { of: source, random: random(1) });
    expect([stream.tasks, stream.experiences, stream.boundaries]).toEqual([3, 12, true]);
    const parts = range(12).map((e) => stream.train(e));
    for (const round of range(4)) {
      const tasks = parts.slice(3 * round, 3 * round + 3).map((part) => part.task(0));
      expect(new Set(tasks)).toEqual(new Set([0, 1, 2]));
      if (order === "same" || round === 0) expect(tasks).toEqual([0, 1, 2]);
    }
    for (const [task, n] of lengths.entries()) {
      const own = parts.filter((part) => part.task(0) === task);
      expect(own.flatMap(namesOf)).toEqual(namesOf(source.train(task))); // in the order of the source, none twice, none lost
      for (const part of own) expect([Math.floor(n / 4), Math.ceil(n / 4)]).toContain(part.length);
    }
    for (const part of parts)
      for (const i of range(part.length)) {
        expect(part.task(i)).toBe(part.input(i)[0]);
        expect(part.label(i)).toBe(part.input(i)[1] % 2);
      }
  });

  it("draws each later round's order, and never shows a task twice running", () => {
    const orders = new Map<string, number>();
    for (const seed of range(300)) {
      const stream = recurring({ rounds: 3, order: "shuffled" }, { of: numberedStream(6, 6, 6), random: random(seed) });
      const tasks = range(9).map((e) => stream.train(e).task(0));
      expect(stream.boundaries).toBe(true);
      expect(tasks.some((task, i) => task === tasks[i + 1])).toBe(false);
      const second = tasks.slice(3, 6).join("");
      orders.set(second, (orders.get(second) ?? 0) + 1);
    }
    // After 0, 1, 2 the four orders that do not begin with 2, each about 75 times.
    expect([...orders.keys()].toSorted()).toEqual(["012", "021", "102", "120"]);
    for (const times of orders.values()) expect(Math.abs(times - 75)).toBeLessThan(38);
  });

  it("has boundaries only where no task follows on itself and the stream has them", () => {
    const make = (of: Stream, order: "same" | "shuffled" = "same") =>
      recurring({ rounds: 2, order }, { of, random: random(0) });
    expect(make(numberedStream(6)).boundaries).toBe(false);
    expect(make(numberedStream(6), "shuffled").boundaries).toBe(false);
    expect(recurring({ rounds: 1 }, { of: numberedStream(6), random: random(0) }).boundaries).toBe(true);
    expect(make({ ...numberedStream(6, 6), boundaries: false }).boundaries).toBe(false);
    const three = numberedStream(6, 6, 6);
    const back: Stream = { ...three, tasks: 2, train: (e) => ({ ...three.train(e), task: () => e % 2 }) };
    expect(make(back).boundaries).toBe(false); // 0, 1, 0, 0, 1, 0
  });

  it("refuses more rounds than an experience has examples", () => {
    const given = { of: numberedStream(9, 4), random: random(0) };
    expect(() => recurring({ rounds: 4 }, given)).not.toThrow();
    expect(() => recurring({ rounds: 5 }, given)).toThrow(/4 training examples of experience 1 .* use rounds ≤ 4/);
  });
});
