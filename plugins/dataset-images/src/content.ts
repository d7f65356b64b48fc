import { createHash } from "node:crypto";
import type { Dataset, Examples, Input } from "@everlearn/contracts";
import { FormatError } from "@everlearn/formats";

/** Examples that are all in memory: their inputs one after the other, and their classes. */
export interface Part {
  readonly values: Uint8Array | Float32Array;
  readonly labels: Uint32Array;
}

/** What was read. */
export interface Content {
  readonly shape: readonly number[];
  readonly classes: number;
  /** The names of class folders; absent where classes are numbers only. */
  readonly classNames?: readonly string[];
  readonly train: Part;
  readonly test: Part;
}

/** The examples as a data set, whose checksum knows its shape, its labels and every value, but no names. */
export function datasetOf({ shape, classes, classNames, train, test }: Content): Dataset {
  const hash = createHash("sha256").update(`${JSON.stringify({ shape, classes })}\n`);
  for (const { values, labels } of [train, test]) {
    hash.update(`${values.constructor.name} ${labels.length}\n`);
    hash.update(Uint8Array.from(labels, (label) => label >> 8)).update(Uint8Array.from(labels));
    hash.update(littleEndian(values));
  }
  const size = shape.reduce((product, n) => product * n, 1);
  const named = classNames === undefined ? {} : { classNames };
  return {
    shape,
    classes,
    ...named,
    train: examples(train, size),
    test: examples(test, size),
    checksum: hash.digest("hex"),
  };
}

/**
 * Which examples of a data set without test examples become some: of each class every `n`-th, in their order.
 * @throws FormatError where no class has so many
 */
export function everyNth(labels: Uint32Array, n: number): { train: Uint32Array; test: Uint32Array } {
  const seen = new Map<number, number>();
  const train = new Uint32Array(labels.length); // lists of numbers would take several times the room
  const test = new Uint32Array(labels.length);
  let [trained, tested] = [0, 0];
  for (const [i, label] of labels.entries()) {
    const count = (seen.get(label) ?? 0) + 1;
    seen.set(label, count);
    if (count % n === 0) test[tested++] = i;
    else train[trained++] = i;
  }
  if (tested === 0) throw new FormatError(`leaves no test examples, as no class has ${n}; use a smaller "testEvery"`);
  return { train: train.slice(0, trained), test: test.slice(0, tested) };
}

function examples({ values, labels }: Part, size: number): Examples {
  const { length } = labels;
  const check = (i: number): void => {
    if (!Number.isInteger(i) || i < 0 || i >= length)
      throw new RangeError(`dataset-images has no example ${i}; examples are numbered from 0 to ${length - 1}.`);
  };
  return {
    length,
    label(i) {
      check(i);
      return labels[i];
    },
    input(i, into) {
      check(i);
      const input = values.subarray(i * size, (i + 1) * size);
      return into === undefined ? input : write(input, into);
    },
  };
}

function write(input: Input, into: Input): Input {
  if (input.constructor === into.constructor) into.set(input);
  else if (input instanceof Uint8Array) for (let j = 0; j < input.length; j++) into[j] = input[j] / 255;
  else throw new RangeError("dataset-images has floats here, which do not fit into bytes; ask for them as floats.");
  return into;
}

function littleEndian(values: Uint8Array | Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const swapped = values instanceof Float32Array && new Uint8Array(Uint16Array.of(1).buffer)[0] === 0;
  return swapped ? Buffer.from(bytes).swap32() : bytes;
}
