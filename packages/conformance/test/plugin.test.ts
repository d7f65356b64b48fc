import { type Demand, checkMetric, checks } from "@everlearn/conformance";
import type { Metric, OptionsSchema, Plugin } from "@everlearn/contracts";
import { describe, expect, it } from "vitest";
import { common, failures } from "./caught.js";

const first: Metric = ({ accuracy }) => accuracy[0][0];
const options: OptionsSchema = {
  rate: { type: "number", exclusiveMinimum: 0, maximum: 1, description: "A rate." },
  size: { type: "integer", minimum: 1, exclusiveMaximum: 9, default: 2, description: "A size." },
  flat: { type: "boolean", default: false, description: "A flag." },
  mode: { type: "string", enum: ["a", "b"], default: "a", description: "A mode." },
  sizes: { type: "array", items: { type: "integer", minimum: 1 }, default: [1], description: "Sizes." },
};
const sound: Plugin<"metric"> = {
  kind: "metric",
  name: "first",
  contract: 2,
  description: "The first accuracy.",
  options,
  create: () => first,
};

const check = (change: object, given: object = { rate: 0.5 }) =>
  checkMetric({ ...sound, ...change }, { options: given as Record<string, never> });
const withOption = (schema: object) => ({ options: { ...options, extra: schema } });

describe("a plugin of any kind", () => {
  it("passes when it is sound", () => check({}));

  const rows: [check: string, call: () => Promise<void>, says: string][] = [
    ["kind", () => check({ kind: "tracker" }), 'its kind is "tracker" rather than "metric"'],
    ["name", () => check({ name: "First_Metric" }), 'its name is "First_Metric"'],
    ["contract", () => check({ contract: 1 }), "its contract is 1"],
    ["contract", () => check({ contract: undefined }), "its contract is undefined"],
    ["description", () => check({ description: "No full stop" }), 'its description is "No full stop"'],
    ["description", () => check({ description: "One. Two." }), 'its description is "One. Two."'],
    ["needs", () => check({ needs: ["coffee"] }), 'it needs "coffee"'],
    ["needs", () => check({ needs: ({ rate }: { rate: number }) => (rate < 1 ? ["tea"] : []) }), 'it needs "tea"'],
    ["option names", () => check({ options: { "Odd name": options.flat } }, {}), 'one is named "Odd name"'],
    ["option names", () => check({ options: { use: { type: "boolean", description: "A." } } }), 'one is named "use"'],
    ["option descriptions", () => check(withOption({ type: "boolean", default: true })), '"extra" has no description'],
    ["option schema", () => check(withOption({ type: "number", least: 1, description: "A." })), "least"],
    [
      "option schema",
      () => check(withOption({ type: "number", minimum: 1, default: 0, description: "A." })),
      'the default of "extra", 0, must be >= 1',
    ],
    ["given options", () => check({}, {}), "they are refused: must have required property 'rate'"],
    ["given options", () => check({}, { rate: 2 }), "/rate must be <= 1"],
    ["refusals", () => check(withOption({ default: 1, description: "A." })), '"extra" may be null (null)'],
  ];

  it.each(rows)("fails: %s (%#)", async (name, call, says) => {
    const found = await failures(call());
    const { sentence } = found.find((failure) => failure.check === name) ?? { sentence: "" };
    expect(sentence).toContain(says);
  });

  it("has a broken plugin for every check", () => {
    expect(new Set(rows.map(([name]) => name))).toEqual(new Set(common));
  });

  it("lists every failure in one error", async () => {
    const found = await failures(check({ name: "X", description: "", kind: "stream" }));
    expect(found.map((failure) => failure.check)).toEqual(["kind", "name", "description"]);
  });

  it("is not created where its options are refused", async () => {
    const create = () => {
      throw new Error("created");
    };
    expect((await failures(check({ create }, {}))).map((failure) => failure.check)).toEqual(["given options"]);
  });
});

describe("the list of checks", () => {
  it.each(Object.entries(checks))("names the demands on a %s once each", (_, demands: readonly Demand[]) => {
    expect(new Set(demands.map(({ name }) => name)).size).toBe(demands.length);
    for (const { must } of demands) expect(must).toMatch(/^[a-zθ].*[^.]$/);
  });
});
