/** What a network sees of one example, flat: bytes stand for byte/255, floats for themselves. */
export type Input = Uint8Array | Float32Array;

/** A question without its answer: what a learner receives at test. */
export type Query = {
  /** The input; valid during the call only, unless it belongs to an `Example`. Never changed by a learner. */
  readonly x: Input;
  /** The task's number, from 0; present only where the scenario grants it. */
  readonly task?: number;
  /** The output units among which the answer is sought, ascending; absent: all. */
  readonly outputs?: readonly number[];
};

/** What a learner receives in training; it may be kept, so its input is the learner's for good. */
export type Example = Query & {
  /** The output unit that is right, from 0. */
  readonly y: number;
};
