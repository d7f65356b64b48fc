import {
  type PictureFitting,
  fitted,
  FormatError,
  type NumpyArray,
  type NumpyTexts,
  readNpz,
} from "@everlearn/formats";
import { type Content, everyNth, type Part } from "./content.js";

/** The names of arrays, without capitals, "_" and "-": images and labels, of training, of test, or of both together. */
const roles = {
  trainImages: ["xtrain", "trainx", "trainimages", "imagestrain", "traindata"],
  trainLabels: ["ytrain", "trainy", "trainlabels", "labelstrain", "traintargets"],
  testImages: ["xtest", "testx", "testimages", "imagestest", "testdata"],
  testLabels: ["ytest", "testy", "testlabels", "labelstest", "testtargets"],
  images: ["x", "images", "data"],
  labels: ["y", "labels", "targets"],
} as const;

type Role = keyof typeof roles;

/** The most examples: a small file of zeros can announce hundreds of millions. */
const MOST = 2 ** 24;

/**
 * Reads an `.npz` file as `numpy.savez` and `savez_compressed` write it: arrays of images [n, rows, columns],
 * [n, rows, columns, channels] or [n, values], and of labels [n] or [n, 1], integers from 0.
 * @param testEvery without arrays of test examples, of each class every so-many-th is one
 * @throws FormatError where it is damaged, or its arrays are not such
 */
export function readArrays(bytes: Uint8Array, fitting: PictureFitting, testEvery: number): Content {
  const found = assigned(readNpz(bytes));
  const whole = found.images !== undefined && found.trainImages === undefined;
  const images = (role: Role): Images => readImages(needed(found, role), fitting);
  const labels = (role: Role, length: number): Uint32Array => readLabels(needed(found, role), length);
  if (whole) {
    const { shape, values } = images("images");
    const own = labels("labels", values.length / sizeOf(shape));
    const { train, test } = everyNth(own, testEvery);
    const part = (places: Uint32Array): Part => chosen({ values, labels: own }, sizeOf(shape), places);
    return { shape, classes: classesOf(own), train: part(train), test: part(test) };
  }
  const [train, test] = [images("trainImages"), images("testImages")];
  if (
    JSON.stringify(train.shape) !== JSON.stringify(test.shape) ||
    train.values.constructor !== test.values.constructor
  )
    throw new FormatError(
      `has training and test images of different shapes or types, (${train.shape.join(", ")}) and (${test.shape.join(", ")})`,
    );
  const { shape } = train;
  const trainLabels = labels("trainLabels", train.values.length / sizeOf(shape));
  const testLabels = labels("testLabels", test.values.length / sizeOf(shape));
  const classes = classesOf(trainLabels);
  const beyond = testLabels.find((label) => label >= classes);
  if (beyond !== undefined)
    throw new FormatError(`has test examples of class ${beyond}, which has no training examples`);
  return {
    shape,
    classes,
    train: { values: train.values, labels: trainLabels },
    test: { values: test.values, labels: testLabels },
  };
}

interface Named {
  readonly name: string;
  readonly read: () => NumpyArray;
}

function assigned(arrays: ReadonlyMap<string, () => NumpyArray | NumpyTexts>): Partial<Record<Role, Named>> {
  const found: Partial<Record<Role, Named>> = {};
  for (const [name, read] of arrays) {
    const plain = name.toLowerCase().replaceAll(/[-_]/g, "");
    const [role] = Object.entries(roles).find(([, names]) => (names as readonly string[]).includes(plain)) ?? [];
    if (role === undefined) continue;
    const other = found[role as Role];
    if (other) throw new FormatError(`has two arrays for the same: ${other.name} and ${name}`);
    found[role as Role] = { name, read: () => numbersOf(name, read()) };
  }
  return found;
}

function numbersOf(name: string, array: NumpyArray | NumpyTexts): NumpyArray {
  if (array.kind === "U" || array.kind === "b")
    throw new FormatError(
      `holds ${name} of ${array.kind === "U" ? "texts" : "truth values"}, where numbers are needed`,
    );
  return array;
}

function needed(found: Partial<Record<Role, Named>>, role: Role): Named {
  const named = found[role];
  if (named) return named;
  const has = Object.values(found).map(({ name }) => name);
  throw new FormatError(
    `lacks an array; it needs x_train, y_train, x_test and y_test, or x and y, and ${has.length === 0 ? "none of them is there" : `of such there are ${has.join(", ")} only`}`,
  );
}

interface Images {
  readonly shape: readonly number[];
  readonly values: Uint8Array | Float32Array;
}

function readImages({ name, read }: Named, fitting: PictureFitting): Images {
  const array = read();
  const [count, ...shape] = array.shape;
  if (shape.length < 1 || shape.length > 3 || sizeOf(array.shape) === 0)
    throw new FormatError(
      `holds ${name} of the shape (${array.shape.join(", ")}); images are (n, rows, columns), with or without channels`,
    );
  if (count > MOST)
    throw new FormatError(`is too large: ${name} holds ${count} images, of which a data set may have ${MOST}`);
  const values = inputValues(name, array);
  const asked = fitting.size !== 0 || fitting.color !== "keep";
  if (shape.length === 1) {
    if (asked) throw new FormatError(`holds ${name} without rows and columns, which have no size and colour to set`);
    return { shape, values };
  }
  const [rows, columns, channels = 1] = shape;
  if (channels !== 1 && channels !== 3 && (rows === 1 || rows === 3))
    throw new FormatError(
      `holds ${name} of the shape (${array.shape.join(", ")}), channels first as it seems; save np.moveaxis of it, from 1 to −1`,
    );
  if (!asked) return { shape: [rows, columns, channels], values };
  if (channels !== 1 && channels !== 3)
    throw new FormatError(`holds ${name} of ${channels} channels; size and colour are set of one or three only`);
  const length = rows * columns * channels;
  const image = (i: number) =>
    fitted({ rows, columns, channels, data: values.subarray(i * length, (i + 1) * length) }, fitting);
  const first = image(0);
  const all =
    values instanceof Uint8Array
      ? new Uint8Array(count * first.data.length)
      : new Float32Array(count * first.data.length);
  for (let i = 0; i < count; i++) all.set(image(i).data, i * first.data.length);
  return { shape: [first.rows, first.columns, first.channels], values: all };
}

/** Integers become bytes, floats those of 32 bits. */
function inputValues(name: string, { kind, values }: NumpyArray): Uint8Array | Float32Array {
  if (values instanceof Uint8Array) return values;
  if (kind === "f") {
    const floats = values instanceof Float32Array ? values : new Float32Array(values); // `from` would list all values first
    const odd = floats.findIndex((value) => !Number.isFinite(value));
    if (odd >= 0) throw new FormatError(`holds ${name} with the value ${floats[odd]}, which no network can learn from`);
    return floats;
  }
  const bytes = new Uint8Array(values);
  const odd = bytes.findIndex((byte, i) => byte !== values[i]);
  if (odd >= 0) throw new FormatError(`holds ${name} with the integer ${values[odd]}, where bytes are from 0 to 255`);
  return bytes;
}

function readLabels({ name, read }: Named, length: number): Uint32Array {
  const { shape, kind, values } = read();
  if (kind === "f") throw new FormatError(`holds ${name} of floats, where labels are integers`);
  if (shape.length === 0 || shape.length > 2 || (shape[1] ?? 1) !== 1)
    throw new FormatError(`holds ${name} of the shape (${shape.join(", ")}), where labels are (n) or (n, 1)`);
  if (values.length !== length)
    throw new FormatError(`holds ${values.length} labels in ${name}, but ${length} images for them`);
  const odd = values.find((value) => !(value >= 0 && value < 65_536));
  if (odd !== undefined)
    throw new FormatError(`holds ${name} with the label ${odd}, where classes are from 0 to 65535`);
  return new Uint32Array(values);
}

/** @throws FormatError where a number is left out */
function classesOf(labels: Uint32Array): number {
  const seen = new Set(labels);
  const classes = labels.reduce((most, label) => Math.max(most, label + 1), 0);
  for (let c = 0; c < classes; c++)
    if (!seen.has(c))
      throw new FormatError(
        `has labels up to ${classes - 1} but no training example of class ${c}; number classes from 0`,
      );
  if (classes < 2) throw new FormatError("has examples of one class only, where two are the least");
  return classes;
}

function chosen({ values, labels }: Part, size: number, places: Uint32Array): Part {
  const length = places.length * size;
  const own = values instanceof Uint8Array ? new Uint8Array(length) : new Float32Array(length);
  for (const [to, from] of places.entries()) own.set(values.subarray(from * size, (from + 1) * size), to * size);
  return { values: own, labels: places.map((i) => labels[i]) };
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}
