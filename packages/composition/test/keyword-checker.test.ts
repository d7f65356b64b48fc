import { type OptionSchema, type OptionsSchema, SpecError } from "@everlearn/contracts";
import { checkOptions as ajvs } from "@everlearn/records";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CheckOptions, createOptionsCheck, keywordChecker } from "../src/index.js";

const ours = createOptionsCheck(keywordChecker);
const where = "quick.json: /learner";

type Options = Readonly<Record<string, unknown>>;

/** The options that a check answers, or the sentences with which it refuses them. */
function said(check: CheckOptions, options: OptionsSchema, given: Options): object {
  try {
    return { options: check({ kind: "learner", name: "mer", options }, given, where) };
  } catch (error) {
    if (error instanceof SpecError) return { problems: error.problems };
    throw error;
  }
}

const names = fc.constantFrom("alpha", "alpa", "beta", "k", "hidden", "a/b", "a~b", "toString", "");
const small = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(0.5, -1.5, 2 ** 53, 1e300, 5e-324));
const words = fc.constantFrom(
  "exact",
  "released",
  "",
  "a rather long word that comes again and again, as it does ".repeat(2),
);
const text = { description: fc.constant("."), title: fc.string() };
const bounds = { minimum: small, exclusiveMinimum: small, maximum: small, exclusiveMaximum: small };

/** A schema with some of these keywords, always with its type. */
const schema = <T extends OptionSchema["type"]>(type: T, keywords: object) =>
  fc.record({ type: fc.constant(type), ...text, ...keywords }, { requiredKeys: ["type", "description"] as never[] });
const numeric = fc.constantFrom("number", "integer");
const schemas = fc.oneof(
  numeric.chain((type) => schema(type as "number", { ...bounds, default: small })),
  schema("boolean", { default: fc.boolean() }),
  schema("string", { enum: fc.uniqueArray(words, { minLength: 1 }), default: words }),
  numeric.chain((type) =>
    schema("array", {
      items: fc.record({ type: fc.constant(type), minimum: small }, { requiredKeys: ["type"] }),
      default: fc.array(small, { maxLength: 2 }),
    }).map((made) => ({ items: { type }, ...made })),
  ),
  fc.record(
    {
      anyOf: fc.constantFrom(
        [
          { type: "integer", minimum: 1 },
          { type: "array", items: { type: "integer", minimum: 1 } },
        ],
        [
          { type: "string", enum: ["exact", "released"] },
          { type: "array", items: { type: "number" } },
        ],
        [{ type: "number", maximum: 2 }, { type: "string" }],
      ),
      ...text,
      default: fc.oneof(small, words, fc.array(small, { maxLength: 2 })),
    },
    { requiredKeys: ["anyOf", "description"] as never[] },
  ),
) as fc.Arbitrary<unknown> as fc.Arbitrary<OptionSchema>;

const values = fc.oneof(
  small,
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, null, undefined, true, false),
  words,
  fc.array(fc.oneof(small, fc.constantFrom(Number.NaN, -0, null, undefined, "1", true)), { maxLength: 3 }),
  fc.constantFrom({}, { a: 1 }, [[1]], [{}]),
);

describe("options that are checked by the keywords of OptionSchema", () => {
  it("are answered and refused as by the whole of JSON Schema, in the same words", () => {
    let refused = 0;
    fc.assert(
      fc.property(fc.dictionary(names, schemas, { maxKeys: 4 }), fc.dictionary(names, values), (options, given) => {
        const expected = said(ajvs, options, given);
        expect(said(ours, options, given)).toEqual(expected);
        if ("problems" in expected) refused++;
      }),
      { numRuns: 2000 },
    );
    expect(refused).toBeGreaterThan(100);
    expect(refused).toBeLessThan(2000);
  });

  const options: OptionsSchema = {
    alpha: { type: "number", exclusiveMinimum: 0, maximum: 1, description: "." },
    k: { type: "integer", minimum: 1, exclusiveMaximum: 9, default: 2, description: "." },
    variant: { type: "string", enum: ["exact", "released"], default: "exact", description: "." },
    on: { type: "boolean", default: true, description: "." },
    hidden: { type: "array", items: { type: "integer", minimum: 1 }, default: [100], description: "." },
    sizes: {
      anyOf: [
        { type: "integer", minimum: 1 },
        { type: "array", items: { type: "integer", minimum: 1 } },
      ],
      default: 2,
      description: ".",
    },
  };

  it.each<[given: Options, sentences: readonly string[]]>([
    [{}, [' lacks "alpha", a number > 0 and ≤ 1.']],
    [{ alpha: 0, k: 9 }, ["/alpha must be > 0 and ≤ 1, but is 0.", "/k must be ≥ 1 and < 9, but is 9."]],
    [
      { alpha: 1, hidden: [1, 0, 1.5] },
      ["/hidden/1 must be ≥ 1, but is 0.", "/hidden/2 must be an integer ≥ 1, but is 1.5."],
    ],
    [
      { alpha: Number.NaN, on: 1 },
      ["/alpha must be a finite number, but is NaN.", "/on must be true or false, but is 1."],
    ],
    [{ alpha: 1, variant: "exat" }, ['/variant must be one of "exact", "released", but is "exat".']],
    [
      { alpha: 1, alpa: 1 },
      [' has no option "alpa"; did you mean "alpha"? Its options: alpha, hidden, k, on, sizes, variant.'],
    ],
    [{ alpha: 1, sizes: [1, 0] }, ["/sizes must be an integer ≥ 1, or a list of integers ≥ 1, but is [1,0]."]],
    [{ alpha: -0 }, ["/alpha must be > 0 and ≤ 1, but is 0.", "/alpha must be 0, not -0."]],
  ])("%j is refused", (given, sentences) => {
    expect(said(ours, options, given)).toEqual({ problems: sentences.map((sentence) => where + sentence) });
  });

  it("get their defaults, each time new ones", () => {
    const check = (given: Options) => said(ours, options, given) as { options: { hidden: number[] } };
    expect(check({ alpha: 1 })).toEqual({
      options: { alpha: 1, k: 2, variant: "exact", on: true, hidden: [100], sizes: 2 },
    });
    check({ alpha: 1 }).options.hidden.push(7);
    expect(check({ alpha: 1 }).options.hidden).toEqual([100]);
  });

  it("are refused where a schema says what cannot be checked, as by the whole of JSON Schema", () => {
    const odd = { ...options, a: { type: "number", minimun: 1, description: "." } } as unknown as OptionsSchema;
    for (const check of [ours, ajvs])
      expect(said(check, odd, {})).toEqual({
        problems: ['The learner "mer" declares options that are no JSON Schema: of "a", unknown keyword: "minimun".'],
      });
  });
});
