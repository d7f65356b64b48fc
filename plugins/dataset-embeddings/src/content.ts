import { createHash } from "node:crypto";
import type { Dataset, Examples, Input } from "@everlearn/contracts";
import { FormatError } from "@everlearn/formats";
import type { Labelled } from "./values.js";

/** Examples that are all in memory: their features one after the other, and their classes. */
export interface Part {
  readonly values: Float32Array;
  readonly labels: Uint32Array;
}

/** What was read. */
export interface Content {
  readonly shape: readonly number[];
  readonly classes: number;
  readonly train: Part;
  readonly test: Part;
}

/** The examples as a data set, whose checksum knows its shape, its labels and every value. */
export function datasetOf({ shape, classes, train, test }: Content): Dataset {
  const hash = createHash("sha256").update(`${JSON.stringify({ shape, classes })}\n`);
  for (const { values, labels } of [train, test]) {
    hash.update(`${labels.length}\n`);
    hash.update(Uint8Array.from(labels, (label) => label >> 8)).update(Uint8Array.from(labels));
    hash.update(littleEndian(values));
  }
  const size = shape.reduce((product, n) => product * n, 1);
  return { shape, classes, train: examples(train, size), test: examples(test, size), checksum: hash.digest("hex") };
}

/**
 * Divides examples into training and test: of each class the n-th is a test example where ⌊n · fraction⌋ is more than
 * before, so that test examples are spread evenly over the file.
 * @throws FormatError where no class has enough of them
 */
export function divided({ features, labels }: Labelled, fraction: number): [Labelled, Labelled] {
  const seen = new Map<number | string, number>();
  const [train, test]: number[][] = [[], []];
  for (const [i, label] of labels.values.entries()) {
    const n = (seen.get(label) ?? 0) + 1;
    seen.set(label, n);
    (Math.floor(n * fraction) > Math.floor((n - 1) * fraction) ? test : train).push(i);
  }
  if (test.length === 0)
    throw new FormatError(`leaves no test examples at "testFraction" ${fraction}, as its classes are too small`);
  const size = features.values.length / features.length;
  const chosen = (places: readonly number[]): Labelled => {
    const values = new Float32Array(places.length * size);
    for (const [to, from] of places.entries())
      values.set(features.values.subarray(from * size, (from + 1) * size), to * size);
    return {
      features: { ...features, length: places.length, values },
      labels: { ...labels, values: places.map((i) => labels.values[i]) },
    };
  };
  return [chosen(train), chosen(test)];
}

function examples({ values, labels }: Part, size: number): Examples {
  const { length } = labels;
  const check = (i: number): void => {
    if (!Number.isInteger(i) || i < 0 || i >= length)
      throw new RangeError(`dataset-embeddings has no example ${i}; examples are numbered from 0 to ${length - 1}.`);
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

function write(input: Float32Array, into: Input): Input {
  if (!(into instanceof Float32Array))
    throw new RangeError("dataset-embeddings has floats, which do not fit into bytes; ask for them as floats.");
  into.set(input);
  return into;
}

function littleEndian(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return new Uint8Array(Uint16Array.of(1).buffer)[0] === 0 ? Buffer.from(bytes).swap32() : bytes;
}
