import { createHash } from "node:crypto";
import type { Dataset, Examples } from "@everlearn/contracts";

/** Examples in the order of their rows. */
interface Part {
  readonly inputs: readonly Float32Array[];
  readonly labels: readonly number[];
  /** Their rows as text, by column. */
  readonly columns: ReadonlyMap<string, readonly string[]>;
}

/** What was read. */
export interface Content {
  readonly size: number;
  readonly classes: readonly string[];
  readonly notes: Readonly<Record<string, string>>;
  readonly train: Part;
  readonly test: Part;
}

/** The examples as a data set, whose checksum knows its classes and every value, those of columns that are no inputs too. */
export function datasetOf({ size, classes, notes, train, test }: Content): Dataset {
  const hash = createHash("sha256").update(`${JSON.stringify({ size, classes })}\n`);
  for (const { inputs, labels, columns } of [train, test]) {
    hash.update(`${JSON.stringify([labels, ...columns])}\n`);
    for (const input of inputs) {
      const bytes = Buffer.alloc(4 * size);
      for (const [j, value] of input.entries()) bytes.writeFloatLE(value, 4 * j);
      hash.update(bytes);
    }
  }
  return {
    ...{ shape: [size], classes: classes.length, notes, checksum: hash.digest("hex") },
    train: examples(train),
    test: examples(test),
    column(name) {
      const own = train.columns.get(name);
      return own && { train: own, test: test.columns.get(name) ?? [] };
    },
  };
}

function examples({ inputs, labels }: Part): Examples {
  const { length } = labels;
  const check = (i: number): void => {
    if (!Number.isInteger(i) || i < 0 || i >= length)
      throw new RangeError(`dataset-csv has no example ${i}; examples are numbered from 0 to ${length - 1}.`);
  };
  return {
    length,
    label(i) {
      check(i);
      return labels[i];
    },
    input(i, into) {
      check(i);
      if (into === undefined) return inputs[i];
      if (!(into instanceof Float32Array))
        throw new RangeError("dataset-csv has floats, which do not fit into bytes; ask for them as floats.");
      into.set(inputs[i]);
      return into;
    },
  };
}
