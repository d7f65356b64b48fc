import { optionsSchema } from "@everlearn/composition";
import { type OptionsSchema, SpecError } from "@everlearn/contracts";
import { describe, expect, it } from "vitest";
import { checkOptions } from "../src/index.js";

const options: OptionsSchema = {
  alpha: { type: "number", exclusiveMinimum: 0, maximum: 1, description: "The learning rate." },
  clip: { type: "number", default: 0, description: "The longest gradient." },
  k: { type: "integer", minimum: 1, default: 2, description: "The batch size." },
  variant: { type: "string", enum: ["exact", "released"], default: "exact", description: "Which." },
  on: { type: "boolean", default: true, description: "Whether." },
  hidden: { type: "array", items: { type: "integer", minimum: 1 }, default: [100], description: "Sizes." },
};
const plugin = { kind: "learner", name: "mer", options } as const;
const where = "quick.json: /runs/1/learner";

const said = (given: Record<string, unknown>): string => {
  try {
    checkOptions(plugin, given, where);
  } catch (error) {
    if (error instanceof SpecError) return error.message;
  }
  throw new Error("It was accepted.");
};

describe("options", () => {
  it("are one JSON Schema", () => {
    expect(optionsSchema(plugin)).toEqual({
      type: "object",
      additionalProperties: false,
      properties: options,
      required: ["alpha"],
    });
  });

  it("are answered with their defaults, in a new object", () => {
    const given = { alpha: 0.5, hidden: [3] };
    const checked = checkOptions(plugin, given, where);
    expect(checked).toEqual({ alpha: 0.5, clip: 0, k: 2, variant: "exact", on: true, hidden: [3] });
    expect(given).toEqual({ alpha: 0.5, hidden: [3] });
    expect(checked.hidden).not.toBe(given.hidden);
    const again = checkOptions(plugin, { alpha: 1 }, where);
    expect(again.hidden).toEqual([100]);
    expect(again.hidden).not.toBe(options.hidden.default);
  });

  it.each<[Record<string, unknown>, string]>([
    [{ alpha: -1 }, "/alpha must be > 0 and ≤ 1, but is -1."],
    [{ alpha: 2 }, "/alpha must be > 0 and ≤ 1, but is 2."],
    [{ alpha: "0.1" }, '/alpha must be a number > 0 and ≤ 1, but is "0.1".'],
    [{ alpha: null }, "/alpha must be a number > 0 and ≤ 1, but is null."],
    [{ alpha: 1, k: 0 }, "/k must be ≥ 1, but is 0."],
    [{ alpha: 1, k: 1.5 }, "/k must be an integer ≥ 1, but is 1.5."],
    [{ alpha: 1, clip: Number.NaN }, "/clip must be a finite number, but is NaN."],
    [{ alpha: 1, clip: Number.POSITIVE_INFINITY }, "/clip must be a finite number, but is Infinity."],
    [{ alpha: 1, clip: -0 }, "/clip must be 0, not -0."],
    [{ alpha: 1, on: "yes" }, '/on must be true or false, but is "yes".'],
    [{ alpha: 1, variant: "exat" }, '/variant must be one of "exact", "released", but is "exat".'],
    [{ alpha: 1, hidden: 5 }, "/hidden must be a list of integers ≥ 1, but is 5."],
    [{ alpha: 1, hidden: [5, 0] }, "/hidden/1 must be ≥ 1, but is 0."],
    [{}, ' lacks "alpha", a number > 0 and ≤ 1.'],
    [
      { alpha: 1, alpa: 1 },
      ' has no option "alpa"; did you mean "alpha"? Its options: alpha, clip, hidden, k, on, variant.',
    ],
    [{ alpha: 1, momentum: 1 }, ' has no option "momentum". Its options: alpha, clip, hidden, k, on, variant.'],
  ])("%j is refused", (given, sentence) => {
    expect(said(given)).toBe(where + sentence);
  });

  it("are all looked at before anything is said", () => {
    expect(said({ alpha: 0, k: 0 }).split("\n")).toHaveLength(2);
  });

  it("may be none", () => {
    const none = { kind: "learner", name: "none", options: {} } as const;
    expect(() => checkOptions(none, { a: 1 }, "/learner")).toThrow('/learner has no option "a". Its options: none.');
  });

  it("with a schema that says nothing sensible are the plugin's own error", () => {
    const broken = { ...plugin, options: { a: { type: "number", minimun: 1, description: "" } } } as never;
    expect(() => checkOptions(broken, {}, "/learner")).toThrow('unknown keyword: "minimun"');
  });
});

it("A tracker's options may be tokens, and are not repeated where they are wrong", () => {
  const tracker = { kind: "tracker", name: "mlflow", options } as const;
  const wrong = [
    { alpha: "swordfish" },
    { alpha: 12_345 },
    { alpha: 0.5, variant: "swordfish" },
    { alpha: 0.5, on: "swordfish, but is 7.\nswordfish" },
    { alpha: 0.5, k: 12_345_678_901 },
    { alpha: 0.5, hidden: ["swordfish"] },
    { alpha: Number.POSITIVE_INFINITY, clip: -0 },
  ];
  for (const given of wrong) {
    const check = () => checkOptions(tracker, given, "spec.json: /trackers/0");
    expect(check).toThrow(/^spec\.json: \/trackers\/0\/\w+(?:\/0)? must be .*\.$/m);
    expect(check).not.toThrow(/swordfish|12345|12,345|, but/);
  }
});
