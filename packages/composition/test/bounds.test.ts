import { SpecError } from "@everlearn/contracts";
import { describe, expect, it } from "vitest";
import { createOptionsCheck, keywordChecker } from "../src/index.js";

const check = createOptionsCheck(keywordChecker);
const plugin = (options: object) => ({ kind: "learner", name: "bounded", options }) as never;
const problemsOf = (schema: object, value: unknown): readonly string[] => {
  try {
    check(plugin({ option: { ...schema, description: "One." } }), { option: value }, "/learner");
    return [];
  } catch (error) {
    return (error as SpecError).problems;
  }
};

describe("an option whose schema has no bound", () => {
  it("may be an integer of up to ten million", () => {
    const integer = { type: "integer", minimum: 1 };
    expect(problemsOf(integer, 10_000_000)).toEqual([]);
    expect(problemsOf(integer, 10_000_001)).toEqual(["/learner/option must be at most 10000000, but is 10000001."]);
    expect(problemsOf(integer, 1e15)).toHaveLength(1);
    expect(problemsOf({ ...integer, maximum: 1e15 }, 1e15)).toEqual([]);
    expect(problemsOf({ type: "number" }, 1e30)).toEqual([]);
  });

  it("may be a list of up to ten thousand, whose items are bounded too", () => {
    const list = { type: "array", items: { type: "integer" } };
    expect(problemsOf(list, new Array(10_000).fill(1))).toEqual([]);
    expect(problemsOf(list, new Array(10_001).fill(1))).toEqual([
      "/learner/option must have at most 10000 items, but has 10001.",
    ]);
    expect(problemsOf(list, [1, 1e9])).toEqual(["/learner/option/1 must be at most 10000000, but is 1000000000."]);
  });
});

describe("a message about many mistakes", () => {
  it("lists the first twenty, each of bounded length", () => {
    const { message, problems } = new SpecError(Array.from({ length: 10_000 }, (_, i) => `${i} ${"x".repeat(5000)}`));
    const lines = message.split("\n");
    expect(lines).toHaveLength(21);
    expect(lines[20]).toBe("… and 9980 more.");
    expect(Math.max(...lines.map(({ length }) => length))).toBe(2000);
    expect(problems).toHaveLength(10_000);
  });
});
