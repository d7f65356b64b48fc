import type { Input } from "./example.js";

/** Labelled inputs with random access; equal calls answer equal values. @throws RangeError for an `i` that is not there */
export interface Examples {
  readonly length: number;
  /** The label of example `i`. In a dataset: its class. In a stream: its class's place within the task. */
  label(i: number): number;
  /** The input of example `i`, which stays valid; written to `into`, an array of its own kind and size, where that is given. */
  input(i: number, into?: Input): Input;
}

/** A source of labelled examples, not yet in any order. */
export interface Dataset {
  /** The inputs' shape, row by row; MNIST: [28, 28, 1]. */
  readonly shape: readonly number[];
  /** The number of classes. */
  readonly classes: number;
  readonly train: Examples;
  readonly test: Examples;
  /** A SHA-256 (hex) of the content, or of all that determines it: part of a run's identity. */
  readonly checksum: string;
}
