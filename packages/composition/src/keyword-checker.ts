import { copy } from "./copy.js";
import type { OptionForm, OptionSchema } from "@everlearn/contracts";
import type { Check, Checker, OptionsObjectSchema } from "./options.js";
import { type DescribedSchema, describeRange, describeSchema, showValue } from "./phrases.js";
import { suggestion } from "./suggestion.js";

const known = new Set(
  "title description type enum items anyOf default minimum exclusiveMinimum maximum exclusiveMaximum".split(" "),
);

/**
 * Checks options by the few keywords of JSON Schema that `OptionSchema` has, without generating code, which pages may
 * forbid. @throws Error where a schema has another keyword
 */
export const keywordChecker: Checker = (schema, noun): Check => {
  const { properties, required } = schema as OptionsObjectSchema;
  for (const option of Object.values(properties))
    for (const keyword of Object.keys(option))
      if (!known.has(keyword)) throw new Error(`unknown keyword: "${keyword}"`);
  return (data, where) => {
    const options = data as Record<string, unknown>;
    const problems: string[] = [];
    for (const [name, option] of Object.entries(properties))
      if (options[name] === undefined && option.default !== undefined) options[name] = copy(option.default);
    for (const name of required)
      if (options[name] === undefined) problems.push(`${where} lacks "${name}", ${describeSchema(properties[name])}.`);
    for (const name of Object.keys(options))
      if (!Object.hasOwn(properties, name))
        problems.push(
          `${where} has no ${noun} ${JSON.stringify(name)}${suggestion(name, Object.keys(properties), `Its ${noun}s`)}`,
        );
    for (const [name, option] of Object.entries(properties))
      if (options[name] !== undefined) problems.push(...wrongValue(options[name], option, `${where}/${escaped(name)}`));
    return problems;
  };
};

/** A name within a JSON pointer (RFC 6901). */
const escaped = (name: string): string => name.replaceAll("~", "~0").replaceAll("/", "~1");

/** What is wrong with an option's value; of a list, with each of its items. */
function wrongValue(value: unknown, schema: OptionSchema | OptionForm, place: string): string[] {
  if ("anyOf" in schema) {
    if (schema.anyOf.some((form) => wrongValue(value, form, place).length === 0)) return [];
    if (typeof value === "number" && !Number.isFinite(value)) return wrongItem(value, {}, place);
    return [`${place} must be ${describeSchema(schema)}, but is ${showValue(value)}.`];
  }
  if (schema.type === "array" && Array.isArray(value))
    return value.flatMap((item: unknown, i) => wrongItem(item, schema.items, `${place}/${i}`));
  return wrongItem(value, schema, place);
}

function wrongItem(value: unknown, schema: DescribedSchema, place: string): string[] {
  if (typeof value === "number" && !Number.isFinite(value))
    return [`${place} must be a finite number, but is ${value}.`];
  if (!hasType(value, schema) || (schema.enum && !schema.enum.includes(value)))
    return [`${place} must be ${describeSchema(schema)}, but is ${showValue(value)}.`];
  if (typeof value === "number" && !inRange(value, schema))
    return [`${place} must be ${describeRange(schema)}, but is ${showValue(value)}.`];
  return [];
}

function hasType(value: unknown, { type }: DescribedSchema): boolean {
  if (type === "integer") return Number.isInteger(value);
  if (type === "object") return typeof value === "object" && value !== null && !Array.isArray(value);
  return type === "array" ? Array.isArray(value) : typeof value === type;
}

function inRange(value: number, schema: DescribedSchema): boolean {
  const { minimum = -Infinity, exclusiveMinimum = -Infinity, maximum = Infinity, exclusiveMaximum = Infinity } = schema;
  return value >= minimum && value > exclusiveMinimum && value <= maximum && value < exclusiveMaximum;
}
