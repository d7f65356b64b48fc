import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type OptionsSchema, withDefaults } from "../src/index.js";

const options = {
  alpha: { type: "number", exclusiveMinimum: 0, description: "The learning rate." },
  clip: { type: "number", default: 1, description: "The longest gradient." },
  on: { type: "boolean", default: true, description: "Whether." },
  variant: { type: "string", enum: ["exact", "released", ""], default: "exact", description: "Which." },
  hidden: { type: "array", items: { type: "integer" }, default: [100], description: "Sizes." },
} as const;

describe("withDefaults", () => {
  it("fills in what is left out", () => {
    const given = { alpha: 0.5 };
    expect(withDefaults(options, given)).toEqual({ alpha: 0.5, clip: 1, on: true, variant: "exact", hidden: [100] });
    expect(given).toEqual({ alpha: 0.5 });
  });

  it("keeps what is written, though it is nothing", () => {
    const nothing = { alpha: 0, clip: 0, on: false, variant: "", hidden: [] } as const;
    expect(withDefaults(options, nothing)).toEqual(nothing);
  });

  it("answers the schema's options and no others", () => {
    const more = { alpha: 1, momentum: 2 };
    expect(Object.keys(withDefaults(options, more))).toEqual(Object.keys(options));
  });

  it("changes nothing when it is done again", () => {
    const names = fc.constantFrom("alpha", "beta", "k", "s");
    const numbers = fc.record({
      type: fc.constant("number" as const),
      description: fc.constant("."),
      default: fc.option(fc.integer(), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.dictionary(names, numbers), fc.dictionary(names, fc.integer()), (schema, given) => {
        const once = withDefaults(schema as OptionsSchema, given);
        expect(withDefaults(schema as OptionsSchema, once as never)).toEqual(once);
        for (const [name, option] of Object.entries(schema))
          expect(Reflect.get(once, name)).toBe(Object.hasOwn(given, name) ? given[name] : option.default);
      }),
    );
  });
});
