import { FormatError } from "@everlearn/formats";
import type { Table } from "./table.js";

/** Features of n examples. */
export interface Features {
  readonly name: string;
  readonly length: number;
  /** The shape of one example's. */
  readonly shape: readonly number[];
  /** One example after the other. */
  readonly values: Float32Array;
}

/** Labels of n examples: all numbers, or all texts. */
export interface Labels {
  readonly name: string;
  readonly values: readonly (number | string)[];
}

/** Features and as many labels. */
export interface Labelled {
  readonly features: Features;
  readonly labels: Labels;
}

/** The most examples: a small file of zeros can announce hundreds of millions. */
const MOST = 2 ** 24;

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

/** Reads features: one array, or several columns of a number for each example. @throws FormatError where they are none */
export async function featuresOf(table: Table, names: readonly string[]): Promise<Features> {
  if (names.length > 1 || (table.columns && table.flat(names[0]))) return columnsOf(table, names);
  const [name] = names;
  const { shape, kind, values } = await table.read(name);
  const [length, ...rest] = shape;
  if (kind === "U") throw new FormatError(`holds ${name} of texts, where features are numbers`);
  if (rest.length === 0 || sizeOf(shape) === 0)
    throw new FormatError(`holds ${name} of the shape (${shape.join(", ")}), where features are (n, d)`);
  if (length > MOST)
    throw new FormatError(`is too large: ${name} holds ${length} examples, of which a data set may have ${MOST}`);
  const own = finite(values as ArrayLike<number>, (i) => `example ${Math.floor(i / sizeOf(rest))} of ${name}`);
  return { name, length, shape: rest, values: own };
}

async function columnsOf(table: Table, names: readonly string[]): Promise<Features> {
  const columns: Float32Array[] = [];
  for (const name of names) {
    const { shape, kind, values } = await table.read(name);
    if (shape.length > 1 || kind === "U")
      throw new FormatError(
        `holds ${name} of ${kind === "U" ? "texts" : "lists"}, where each column of features is of numbers; name a column of lists in "features", or leave ${name} out`,
      );
    columns.push(finite(values as ArrayLike<number>, (i) => `example ${i} of ${name}`));
  }
  const [{ length }] = columns;
  if (length === 0) throw new FormatError("holds no examples");
  const values = new Float32Array(length * columns.length);
  for (const [j, column] of columns.entries())
    for (let i = 0; i < length; i++) values[i * columns.length + j] = column[i];
  return { name: `${names[0]} to ${names[names.length - 1]}`, length, shape: [columns.length], values };
}

/** Numbers as floats of 32 bits. @throws FormatError where one is not finite, or too large for that */
function finite(values: ArrayLike<number>, where: (i: number) => string): Float32Array {
  const floats = values instanceof Float32Array ? values : new Float32Array(values.length);
  if (floats !== values) for (let i = 0; i < floats.length; i++) floats[i] = values[i];
  const odd = floats.findIndex((value) => !Number.isFinite(value));
  if (odd >= 0)
    throw new FormatError(
      `has the value ${values[odd]} in ${where(odd)}, where features are finite floats of 32 bits; leave the example out, or set it to a number`,
    );
  return floats;
}

/** Reads labels: integers, floats that are whole, truth values or texts. @throws FormatError where they are none */
export async function labelsOf(table: Table, [name]: readonly string[]): Promise<Labels> {
  const { shape, kind, values } = await table.read(name);
  if (shape.length === 0 || shape.length > 2 || (shape[1] ?? 1) !== 1)
    throw new FormatError(`holds ${name} of the shape (${shape.join(", ")}), where labels are (n) or (n, 1)`);
  const labels = Array.from<number | string>(values as ArrayLike<number | string>);
  const odd = kind === "U" ? -1 : labels.findIndex((label) => !Number.isSafeInteger(label));
  if (odd >= 0)
    throw new FormatError(
      `has the label ${labels[odd]} in example ${odd} of ${name}, where labels are whole numbers, truth values or texts`,
    );
  return { name, values: labels.map((label) => (label === 0 ? 0 : label)) }; // −0 is 0
}

/**
 * The number of each class, by its label: numbers ascending, texts by UTF-16 code units.
 * @throws FormatError where there is one class only, or test examples have others than training examples
 */
export function classesOf(train: Labelled, test: Labelled): ReadonlyMap<number | string, number> {
  const [own, others] = [train.features, test.features];
  if (own.shape.join() !== others.shape.join())
    throw new FormatError(
      `has training and test examples of different shapes, (${own.shape.join(", ")}) and (${others.shape.join(", ")})`,
    );
  const distinct = [...new Set(train.labels.values)];
  const sorted = distinct.every((label) => typeof label === "number")
    ? distinct.toSorted((a, b) => a - b)
    : distinct.map(String).toSorted();
  const classes = new Map(sorted.map((label, number) => [label, number]));
  if (classes.size < 2) throw new FormatError("has training examples of one class only, where two are the least");
  if (classes.size > 65_536) throw new FormatError(`has ${classes.size} classes, where 65536 are the most`);
  const stranger = test.labels.values.find((label) => !classes.has(label));
  if (stranger !== undefined)
    throw new FormatError(`has test examples of class ${stranger}, which has no training examples`);
  if (test.labels.values.length === 0) throw new FormatError("has no test examples");
  return classes;
}
