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

interface Schema extends DescribedSchema {
  readonly properties?: Readonly<Record<string, Schema>>;
}

let ajv: Ajv2020 | undefined;

/**
 * Creates a check of values against a schema, which fills in defaults and describes what is wrong in sentences.
 * @param noun what a property is called in sentences: an option, a field
 */
export function checker(schema: object, noun: string): Check {
  ajv ??= new Ajv2020({
    strict: true,
    allErrors: true,
    useDefaults: true,
    verbose: true,
    allowUnionTypes: true,
    addUsedSchema: false,
  });
  const validate = ajv.compile(schema);
  return (data, where) => {
    if (validate(data)) return [];
    const sentences = new Map<string, string>(); // one for each value that is wrong
    for (const error of validate.errors ?? []) {
      const { missingProperty = "", additionalProperty = "" } = error.params as Record<string, string>;
      const key = [error.instancePath, missingProperty, additionalProperty].join("\n");
      if (!sentences.has(key)) sentences.set(key, sentence(error, where, noun));
    }
    return [...sentences.values()];
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
