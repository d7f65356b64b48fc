/** The input values of one example, flat. Bytes stand for byte/255, floats for themselves. */
export type Input = Uint8Array | Float32Array;

/** A test example without its answer, as a learner receives it. */
export type Query = {
  /** The input. It is valid only during the call, unless it belongs to an `Example`. A learner never changes it. */
  readonly x: Input;
  /** The task's number, from 0; present only where the scenario grants it. */
  readonly task?: number;
  /** The output units among which the answer is sought, ascending; absent for all. */
  readonly outputs?: readonly number[];
};

/** A training example, as a learner receives it. A learner may keep it: its input stays valid. */
export type Example = Query & {
  /** The output unit that is right, from 0. */
  readonly y: number;
};
