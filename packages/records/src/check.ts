import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";
import { suggestion } from "./nearest.js";

/** Fills in defaults and answers what is wrong with `data`, a sentence each; `where` comes before each JSON path. */
export type Check = (data: unknown, where: string) => string[];

interface Schema {
  readonly title?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
}

let ajv: Ajv2020 | undefined;

/**
 * A check of values against a schema, which fills defaults in and tells what is wrong in sentences.
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
      return `${place} lacks "${params.missingProperty}", ${describe(properties[params.missingProperty] ?? {})}.`;
    case "additionalProperties": {
      const unknown: string = params.additionalProperty;
      const heading = `Its ${noun}s`;
      return `${place} has no ${noun} ${JSON.stringify(unknown)}${suggestion(unknown, Object.keys(properties), heading)}`;
    }
    case "minItems":
      return `${place} must not be empty.`;
    case "uniqueItems":
      return `${place} must not hold a value twice, but is ${show(data)}.`;
  }
  if (typeof data === "number" && !Number.isFinite(data)) return `${place} must be a finite number, but is ${data}.`;
  const bound = /^(exclusive)?(minimum|maximum)$/i.test(keyword);
  return `${place} must be ${bound ? range(schema) : describe(schema)}, but is ${show(data)}.`;
}

function describe(schema: Schema): string {
  if (schema.title !== undefined) return schema.title;
  if (schema.enum) return `one of ${schema.enum.map((value) => JSON.stringify(value)).join(", ")}`;
  const nouns: Record<string, string> = {
    boolean: "true or false",
    string: "a string",
    object: "an object",
    number: `a number ${range(schema)}`,
    integer: `an integer ${range(schema)}`,
    array: `a list of ${schema.items?.type ?? "value"}s ${range(schema.items ?? {})}`,
  };
  return (nouns[schema.type ?? ""] ?? "a value").trimEnd();
}

/** Such as "> 0 and ≤ 1"; "" where nothing bounds it. */
function range({ minimum, exclusiveMinimum, maximum, exclusiveMaximum }: Schema): string {
  const bounds: [string, number | undefined][] = [
    ["≥", minimum],
    [">", exclusiveMinimum],
    ["≤", maximum],
    ["<", exclusiveMaximum],
  ];
  return bounds
    .filter(([, limit]) => limit !== undefined)
    .map(([sign, limit]) => `${sign} ${limit}`)
    .join(" and ");
}

function show(value: unknown): string {
  if (typeof value === "number") return String(value);
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
