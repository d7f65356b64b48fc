import { copy } from "./copy.js";
import { type OptionSchema, type OptionsOf, type OptionsSchema, type Plugin, SpecError } from "@everlearn/contracts";
import type { CheckOptions } from "./plan.js";

/** Fills in defaults and answers what is wrong with `data`, a sentence each; `where` comes before each JSON path. */
export type Check = (data: unknown, where: string) => string[];

/** Compiles a schema to a check. @param noun what a property is called in sentences @throws Error where it is no schema */
export type Checker = (schema: object, noun: string) => Check;

/** A plugin's options as one JSON Schema (draft 2020-12): no others are allowed, those without a default are required. */
export interface OptionsObjectSchema {
  readonly type: "object";
  readonly additionalProperties: false;
  readonly properties: Readonly<Record<string, OptionSchema>>;
  readonly required: readonly string[];
}

type WithOptions = Pick<Plugin, "kind" | "name" | "options">;

/** A plugin's options as the JSON Schema (draft 2020-12) of one object, which has no others. */
export function optionsSchema({ options }: WithOptions): OptionsObjectSchema {
  const required = Object.keys(options).filter((name) => options[name].default === undefined);
  return { type: "object", additionalProperties: false, properties: options, required };
}

/**
 * Creates a check of plugins' options from a checker of JSON Schemas. The check returns the options as a plugin's
 * `create` receives them: a new object, with defaults filled in. `where` is what comes before the option's name, such
 * as `quick.json: /runs/1/learner`.
 */
export function createOptionsCheck(checker: Checker): CheckOptions {
  const checks = new WeakMap<OptionsSchema, Check>();

  function checkOf(plugin: WithOptions): Check {
    try {
      return checker(optionsSchema(plugin), "option");
    } catch (error) {
      const reason = culprit(plugin, checker) ?? reasonOf(error);
      throw new SpecError(`The ${plugin.kind} "${plugin.name}" declares options that are no JSON Schema: ${reason}.`, {
        cause: error,
      });
    }
  }

  return (plugin, options, where) => {
    const check = checks.get(plugin.options) ?? checkOf(plugin);
    checks.set(plugin.options, check);
    const checked = copied(options, where);
    const problems = [...check(checked, where), ...negativeZeros(checked, where)];
    if (problems.length === 0)
      for (const [name, schema] of Object.entries(plugin.options))
        problems.push(...excess(schema, checked[name], `${where}/${name}`));
    if (problems.length > 0) throw new SpecError(plugin.kind === "tracker" ? problems.map(withoutValue) : problems);
    return checked;
  };
}

/** What is wrong with a value, but not which it is: a tracker's option may be a token. */
const withoutValue = (problem: string): string => problem.replace(/, but (?:is|has) [\s\S]*$/, ".");

/** What is read of an option's schema to know its bounds. */
interface Bounded {
  readonly type?: unknown;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
  readonly maxItems?: number;
  readonly items?: Bounded;
  readonly anyOf?: readonly Bounded[];
  readonly properties?: Readonly<Record<string, Bounded>>;
}

/** The largest integer and the longest list that an option may have whose schema has no bound of its own. */
const MOST = { integer: 10_000_000, items: 10_000 };

/** Sentences on numbers that would fill memory, or never come to an end, before anybody could see why. */
function excess(given: Bounded, value: unknown, where: string): string[] {
  const isForm = ({ type }: Bounded) => (type === "array") === Array.isArray(value);
  const schema = given.anyOf?.find(isForm) ?? given;
  if (typeof value === "number") {
    const bounded = schema.maximum !== undefined || schema.exclusiveMaximum !== undefined;
    if (schema.type !== "integer" || bounded || Math.abs(value) <= MOST.integer) return [];
    return [`${where} must be at most ${MOST.integer}, but is ${value}.`];
  }
  if (Array.isArray(value)) {
    if (schema.maxItems === undefined && value.length > MOST.items)
      return [`${where} must have at most ${MOST.items} items, but has ${value.length}.`];
    return value.flatMap((item, i) => excess(schema.items ?? {}, item, `${where}/${i}`));
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    excess(schema.properties?.[key] ?? {}, inner, `${where}/${key}`),
  );
}

/** @throws SpecError where it is no data: options that were written in code may hold anything */
function copied(options: Readonly<Record<string, unknown>>, where: string): OptionsOf<OptionsSchema> {
  try {
    return copy(options) as OptionsOf<OptionsSchema>;
  } catch (error) {
    throw new SpecError(`${where} must hold plain values only; ${reasonOf(error)}.`, { cause: error });
  }
}

/** The first option that is no schema, and why. */
function culprit(plugin: WithOptions, checker: Checker): string | undefined {
  for (const [name, schema] of Object.entries(plugin.options))
    try {
      checker(optionsSchema({ ...plugin, options: { [name]: schema } }), "option");
    } catch (error) {
      return `of "${name}", ${reasonOf(error)}`;
    }
  return undefined;
}

function reasonOf(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  const [first] = reason.replace(/^strict mode: |^schema is invalid: data\/properties\//, "").split(", data/");
  return first.replace(/\.$/, "");
}

// JSON writes −0 as 0, so that two different runs would share an identity.
function negativeZeros(value: unknown, where: string): string[] {
  if (Object.is(value, -0)) return [`${where} must be 0, not -0.`];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => negativeZeros(inner, `${where}/${key}`));
}
