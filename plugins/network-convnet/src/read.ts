import type { Layer } from "./layers.js";

/** Whether a value is right, and what it must be. */
interface Field {
  readonly is: (value: unknown) => boolean;
  readonly must: string;
  readonly required?: true;
}

const integer = (least: number, most: number, required?: true): Field => ({
  is: (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
  must: `an integer from ${least} to ${most}`,
  ...(required && { required }),
});
const sides = (most: number, required?: true): Field => {
  const side = integer(1, most);
  return {
    is: (value) => side.is(value) || (Array.isArray(value) && value.length === 2 && value.every(side.is)),
    must: `an integer from 1 to ${most}, or a list of two of them: rows, columns`,
    ...(required && { required }),
  };
};
const flag: Field = { is: (value) => typeof value === "boolean", must: "true or false" };
const text: Field = { is: (value) => typeof value === "string" && value !== "", must: "a name" };
const between = (least: number, most: number): Field => ({
  is: (value) => typeof value === "number" && value > least && value <= most,
  must: `a number > ${least} and ≤ ${most}`,
});
const list: Field = { is: Array.isArray, must: "a list of layers" };

/** The largest number of channels or units of a layer, and the largest side of a window. */
const MOST = { channels: 1_000_000, side: 1000 };

const named = { name: text };
const learned = { ...named, frozen: flag };
const sweep = { stride: integer(1, MOST.side), padding: integer(0, MOST.side) };
const fields: Readonly<Record<Layer["layer"], Readonly<Record<string, Field>>>> = {
  conv: {
    ...learned,
    ...sweep,
    filters: integer(1, MOST.channels, true),
    kernel: sides(MOST.side),
    groups: integer(1, MOST.channels),
    bias: flag,
  },
  "depthwise conv": { ...learned, ...sweep, kernel: sides(MOST.side), bias: flag },
  "batch norm": { ...learned, epsilon: between(0, 1), momentum: between(0, 1) },
  "group norm": { ...learned, groups: integer(1, MOST.channels, true), epsilon: between(0, 1) },
  relu: named,
  "max pool": { ...named, ...sweep, size: sides(MOST.side, true) },
  "average pool": { ...named, ...sweep, size: sides(MOST.side, true) },
  "global average": named,
  residual: { ...learned, layers: { ...list, required: true }, shortcut: list },
  flatten: named,
  dense: { ...learned, units: integer(1, MOST.channels, true), bias: flag },
};

/**
 * Reads a list of layers as it stands in a spec.
 * @param place where the list stands, for errors
 * @throws RangeError that names the layer by its place and says what it must be
 */
export function readLayers(values: readonly unknown[], place: string): readonly Layer[] {
  values.forEach((value, i) => check(value, `${place}[${i}]`));
  return values as readonly Layer[];
}

function check(value: unknown, place: string): void {
  const kinds = Object.keys(fields)
    .map((kind) => `"${kind}"`)
    .join(", ");
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new RangeError(`${place} must be a layer such as { "layer": "relu" }, but is ${shown(value)}.`);
  const { layer, ...rest } = value as { readonly layer?: unknown } & Readonly<Record<string, unknown>>;
  if (typeof layer !== "string" || !Object.hasOwn(fields, layer))
    throw new RangeError(`${place} has the layer ${shown(layer)}, which must be one of ${kinds}.`);
  const known = fields[layer as Layer["layer"]];
  for (const [name, field] of Object.entries(known))
    if (field.required && rest[name] === undefined)
      throw new RangeError(`${place} (${layer}) lacks "${name}", ${field.must}.`);
  for (const [name, given] of Object.entries(rest)) {
    if (!Object.hasOwn(known, name)) {
      const names = Object.keys(known).join(", ");
      throw new RangeError(`${place} (${layer}) has no field ${shown(name)}; its fields are ${names}.`);
    }
    if (given === undefined) continue;
    if (!known[name].is(given))
      throw new RangeError(`${place} (${layer}) has "${name}": ${shown(given)}, which must be ${known[name].must}.`);
    if (known[name].must === list.must) readLayers(given as readonly unknown[], `${place}.${name}`);
  }
}

/** A value as an error shows it. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
