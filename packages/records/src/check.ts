import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";
import {
  type Check,
  createOptionsCheck,
  type DescribedSchema,
  describeRange,
  describeSchema,
  showValue,
  suggestion,
} from "@everlearn/composition";
import { printable } from "./printable.js";

interface Schema extends DescribedSchema {
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** By whether all errors are wanted. */
const compilers = new Map<boolean, Ajv2020>();

function compilerOf(allErrors: boolean): Ajv2020 {
  const options = { strict: true, useDefaults: true, verbose: true, allowUnionTypes: true, addUsedSchema: false };
  const found = compilers.get(allErrors) ?? new Ajv2020({ ...options, allErrors });
  compilers.set(allErrors, found);
  return found;
}

/**
 * Creates a check of values against a schema, which fills in defaults and describes what is wrong in sentences.
 * @param noun what a property is called in sentences: an option, a field
 * @param all whether it goes on behind the first mistake; a hostile file may have millions
 */
export function checker(schema: object, noun: string, all = true): Check {
  const validate = compilerOf(all).compile(schema);
  return (data, where) => {
    if (validate(data)) return [];
    const sentences = new Map<string, string>(); // one for each value that is wrong
    for (const error of validate.errors ?? []) {
      if (/\/anyOf\/\d/.test(error.schemaPath)) continue; // that none of the forms fits is said once
      const { missingProperty = "", additionalProperty = "" } = error.params as Record<string, string>;
      const key = [error.instancePath, missingProperty, additionalProperty].join("\n");
      if (!sentences.has(key)) sentences.set(key, sentence(error, where, noun));
    }
    return [...sentences.values()].map(printable);
  };
}

function sentence({ instancePath, keyword, params, parentSchema, data }: ErrorObject, where: string, noun: string) {
  const place = where + (instancePath === "" && !/\S$/.test(where) ? "the spec" : instancePath);
  const schema = (parentSchema ?? {}) as Schema;
  const properties = schema.properties ?? {};
  switch (keyword) {
    case "required":
      return `${place} lacks "${params.missingProperty}", ${describeSchema(properties[params.missingProperty] ?? {})}.`;
    case "additionalProperties": {
      const unknown: string = params.additionalProperty;
      const heading = `Its ${noun}s`;
      return `${place} has no ${noun} ${JSON.stringify(unknown)}${suggestion(unknown, Object.keys(properties), heading)}`;
    }
    case "minItems":
      return `${place} must not be empty.`;
    case "uniqueItems":
      return `${place} must not hold a value twice, but is ${showValue(data)}.`;
  }
  if (typeof data === "number" && !Number.isFinite(data)) return `${place} must be a finite number, but is ${data}.`;
  const bound = /^(exclusive)?(minimum|maximum)$/i.test(keyword);
  return `${place} must be ${bound ? describeRange(schema) : describeSchema(schema)}, but is ${showValue(data)}.`;
}

/** Checks plugins' options, with every keyword of JSON Schema that ajv's strict mode allows. */
export const checkOptions = createOptionsCheck(checker);
