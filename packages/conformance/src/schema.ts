import type { OptionSchema, OptionsOf, OptionsSchema } from "@everlearn/contracts";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";

/**
 * A validator of a plugin's options as a whole: those without a default are required, unknown ones refused.
 * It fills defaults in. @throws Error where the schema itself is not valid
 */
export function validator(options: OptionsSchema): ValidateFunction {
  const ajv = new Ajv2020({ strict: true, strictRequired: false, allErrors: true, useDefaults: true });
  return ajv.compile({
    type: "object",
    properties: options,
    required: Object.keys(options).filter((name) => !("default" in options[name])),
    additionalProperties: false,
  });
}

/** Options with their defaults filled in; undefined where they, or their schema, are not valid. */
export function completed(schema: OptionsSchema, given: unknown): OptionsOf<OptionsSchema> | undefined {
  try {
    const options: unknown = structuredClone(given);
    return validator(schema)(options) ? (options as OptionsOf<OptionsSchema>) : undefined;
  } catch {
    return undefined;
  }
}

/** Values that an option's schema must refuse, and why. */
export function refusable(schema: OptionSchema): { readonly value: unknown; readonly why: string }[] {
  const bad: { value: unknown; why: string }[] = [{ value: null, why: "null" }];
  if ("anyOf" in schema) return [...bad, { value: {}, why: "an object" }];
  const add = (value: unknown, why: string) => bad.push({ value, why });
  switch (schema.type) {
    case "number":
    case "integer":
      add("many", "a string");
      add(Number.NaN, "NaN");
      if (schema.type === "integer") add((schema.default ?? schema.minimum ?? 1) + 0.5, "a fraction");
      if (schema.minimum !== undefined) add(schema.minimum - 1, "less than its minimum");
      if (schema.exclusiveMinimum !== undefined) add(schema.exclusiveMinimum, "its exclusive minimum");
      if (schema.maximum !== undefined) add(schema.maximum + 1, "more than its maximum");
      if (schema.exclusiveMaximum !== undefined) add(schema.exclusiveMaximum, "its exclusive maximum");
      break;
    case "boolean":
      add("yes", "a string");
      break;
    case "string":
      add(1, "a number");
      if (schema.enum) add("none of these", "outside its enum");
      break;
    case "array":
      add(1, "a number");
      add(["many"], "an array of strings");
      if ("minimum" in schema.items && schema.items.minimum !== undefined)
        add([schema.items.minimum - 1], "an item less than its minimum");
      break;
    default:
      add("many", "a string");
      add([[]], "an array of arrays");
  }
  return bad;
}
