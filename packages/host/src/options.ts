import type { OptionSchema, OptionsOf, OptionsSchema, Plugin } from "@everlearn/contracts";
import { type Check, checker } from "./check.js";
import { SpecError } from "./error.js";

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

const checks = new WeakMap<OptionsSchema, Check>();

/**
 * The options as the plugin's `create` receives them: a new object, defaults filled in.
 * @param where what comes before the option's name in a sentence, such as `quick.json: /runs/1/learner`
 * @throws SpecError, one sentence for each option that is wrong
 */
export function checkOptions(
  plugin: WithOptions,
  options: Readonly<Record<string, unknown>>,
  where = `/${plugin.kind}`,
): OptionsOf<OptionsSchema> {
  const check = checks.get(plugin.options) ?? checkerOf(plugin);
  checks.set(plugin.options, check);
  const checked = copied(options, where);
  const problems = [...check(checked, where), ...negativeZeros(checked, where)];
  if (problems.length > 0) throw new SpecError(problems);
  return checked;
}

/** @throws SpecError where it is no data: options that were written in code may hold anything */
function copied(options: Readonly<Record<string, unknown>>, where: string): OptionsOf<OptionsSchema> {
  try {
    return structuredClone(options) as OptionsOf<OptionsSchema>;
  } catch (error) {
    throw new SpecError(`${where} must hold plain values only; ${reasonOf(error)}.`, { cause: error });
  }
}

function checkerOf(plugin: WithOptions): Check {
  try {
    return checker(optionsSchema(plugin), "option");
  } catch (error) {
    throw new SpecError(
      `The ${plugin.kind} "${plugin.name}" declares options that are no JSON Schema: ${culprit(plugin) ?? reasonOf(error)}.`,
      { cause: error },
    );
  }
}

/** The first option that is no schema, and why. */
function culprit(plugin: WithOptions): string | undefined {
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
