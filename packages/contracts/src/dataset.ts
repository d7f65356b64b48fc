import type { Input } from "./example.js";

/** Labelled inputs with random access. Equal calls return equal values. @throws RangeError if there is no example `i` */
export interface Examples {
  readonly length: number;
  /** The label of example `i`: in a dataset its class, in a stream its class's place within the task. */
  label(i: number): number;
  /** The input of example `i`, which stays valid. If `into` is given, an array of the same kind and size, it is written there. */
  input(i: number, into?: Input): Input;
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
}
