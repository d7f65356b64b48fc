/** The keywords of JSON Schema that error messages describe. */
export interface DescribedSchema {
  readonly title?: string;
  readonly type?: string | readonly string[] | undefined;
  readonly enum?: readonly unknown[];
  readonly items?: DescribedSchema;
  readonly anyOf?: readonly DescribedSchema[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
}

/** Describes what a value must be, such as "a number > 0" or 'one of "past", "all"'. */
export function describeSchema(schema: DescribedSchema): string {
  if (schema.title !== undefined) return schema.title;
  if (schema.anyOf) return schema.anyOf.map(describeSchema).join(", or ");
  if (schema.enum) return `one of ${schema.enum.map((value) => JSON.stringify(value)).join(", ")}`;
  const nouns: Record<string, string> = {
    boolean: "true or false",
    string: "a string",
    object: "an object",
    number: `a number ${describeRange(schema)}`,
    integer: `an integer ${describeRange(schema)}`,
    array: `a list of ${String(schema.items?.type ?? "value")}s ${describeRange(schema.items ?? {})}`,
  };
  return (nouns[String(schema.type ?? "")] ?? "a value").trimEnd();
}

/** Describes the range of a number, such as "> 0 and ≤ 1"; "" where it has no bounds. */
export function describeRange({ minimum, exclusiveMinimum, maximum, exclusiveMaximum }: DescribedSchema): string {
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

/** A value within a sentence, cut where it is long. */
export function showValue(value: unknown): string {
  if (typeof value === "number") return String(value);
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
