import type { Input } from "./example.js";

/** Labelled inputs with random access. Equal calls return equal values. @throws RangeError if there is no example `i` */
export interface Examples {
  readonly length: number;
  /** The label of example `i`: in a dataset its class, in a stream its class's place within the task. */
  label(i: number): number;
  /** The input of example `i`, which stays valid. If `into` is given, an array of the same kind and size, it is written there. */
  input(i: number, into?: Input): Input;
}

/** A column of a file: a text for each training example and for each test example. */
export interface Columns {
  readonly train: readonly string[];
  readonly test: readonly string[];
}

/** A source of labelled examples, not yet in any order. */
export interface Dataset {
  /** The inputs' shape, row by row; MNIST: [28, 28, 1]. */
  readonly shape: readonly number[];
  /** The number of classes. */
  readonly classes: number;
  /** What the classes are called, by their numbers. It is shown to people and changes no result. */
  readonly classNames?: readonly string[];
  readonly train: Examples;
  readonly test: Examples;
  /** SHA-256 (hex) of the content, or of everything that determines it. It is part of a run's identity. */
  readonly checksum: string;
  /** What a run's record says of the data, by subject, such as the types of its columns. */
  readonly notes?: Readonly<Record<string, string>>;
  /** A column as it stands in the file, for each training and test example, for streams that divide by it; undefined: there is none. */
  column?(name: string): Columns | undefined;
}
