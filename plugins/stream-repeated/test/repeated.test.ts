import { checkStream } from "@everlearn/conformance";
import { namesOf, numberedStream, range } from "@everlearn/oracle";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import plugin, { repeated } from "../src/index.js";

describe("repeated", () => {
  it("conforms to the stream contract", async () => {
    await checkStream(plugin, { options: { examplesPerExperience: 700 } });
    await checkStream(plugin, { options: { examplesPerExperience: 30 } });
    await checkStream(plugin, { options: { passes: 2 } });
  });

  it.each([
    { options: { passes: 3 }, lengths: [30, 21] },
    { options: { examplesPerExperience: 25 }, lengths: [25, 25] },
    { options: { examplesPerExperience: 6 }, lengths: [6, 6] },
  ])("goes through every experience in passes, each in a new order ($options)", ({ options, lengths }) => {
    const stream = repeated(options, { of: numberedStream(10, 7), random: random(1) });
    expect([stream.experiences, stream.boundaries]).toEqual([2, true]);
    for (const [e, n] of [10, 7].entries()) {
      const experience = stream.train(e);
      const seen = namesOf(experience);
      expect(seen.length).toBe(lengths[e]);
      const passes = range(Math.ceil(seen.length / n)).map((pass) => seen.slice(pass * n, (pass + 1) * n));
      for (const pass of passes) {
        expect(new Set(pass).size).toBe(pass.length);
        if (pass.length === n) expect(pass.toSorted()).toEqual(namesOf(numberedStream(10, 7).train(e)).toSorted());
      }
      expect(new Set(passes.map(String)).size).toBe(passes.length);
      for (const i of range(seen.length)) {
        expect(experience.label(i)).toBe(experience.input(i)[1] % 2);
        expect(experience.task(i)).toBe(e);
      }
    }
  });

  it("has the same passes however many come", () => {
    const make = (options: Parameters<typeof repeated>[0]) =>
      namesOf(repeated(options, { of: numberedStream(10, 7), random: random(1) }).train(1));
    const longer = make({ passes: 5 });
    expect(make({ examplesPerExperience: 25 })).toEqual(longer.slice(0, 25));
    expect(make({ passes: 2 })).toEqual(longer.slice(0, 14));
  });

  it("shows an example of a late pass without having read the earlier ones", () => {
    const make = () => repeated({ passes: 9 }, { of: numberedStream(10), random: random(2) }).train(0);
    expect(make().input(85)).toEqual(make().input(85));
    expect(namesOf(make())[85]).toBe(make().input(85).join(":"));
  });

  it("draws each experience's passes by itself", () => {
    const stream = repeated({ passes: 1 }, { of: numberedStream(40, 40), random: random(3) });
    const orders = [0, 1].map((e) => range(40).map((i) => stream.train(e).input(i)[1]));
    expect(orders[0]).not.toEqual(orders[1]);
    expect(orders[0]).not.toEqual(range(40));
  });

  it("needs one of its two options", () => {
    const given = { of: numberedStream(10), random: random(0) };
    expect(() => repeated({}, given)).toThrow(/neither is given; set one of them above 0/);
    expect(() => repeated({ passes: 1, examplesPerExperience: 1 }, given)).toThrow(/both are given; set one/);
  });
});
