import type { IntermediateEvaluation } from "@everlearn/contracts";

/** Task labels that were handed to the learner: examples and queries that carried one, ends of tasks that it was told. */
export interface TaskLabelCounts {
  training: number;
  test: number;
  boundaries: number;
}

/** Where a run is and what its evaluations found: plain data, which with the parts' states is all that a checkpoint holds. */
export interface LoopState {
  /** The experience that comes next, or is under way: their number when all are done. */
  experience: number;
  /** The experience's next training example. */
  index: number;
  /** The tasks that have come so far, in the order in which they came. */
  come: number[];
  /** The rows of R so far. */
  accuracy: (number | null)[][];
  /** b; empty before the initial evaluation. */
  initial: number[];
  intermediate: IntermediateEvaluation[];
  /** The answers of the last full evaluation. */
  predictions: Uint16Array;
  /** The most bytes that the parts kept so far. */
  bytes: number;
  taskLabels: TaskLabelCounts;
}

/** The state of a run that has not begun. */
export function initialState(): LoopState {
  return {
    experience: 0,
    index: 0,
    come: [],
    accuracy: [],
    initial: [],
    intermediate: [],
    predictions: new Uint16Array(),
    bytes: 0,
    taskLabels: { training: 0, test: 0, boundaries: 0 },
  };
}
