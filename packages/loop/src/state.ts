import type { Confusion, IntermediateEvaluation } from "@everlearn/contracts";
import type { PrequentialState } from "./prequential.js";

/** The number of examples and queries that carried a task label, and of ends of tasks that the learner was told of. */
export interface TaskLabelCounts {
  training: number;
  test: number;
  boundaries: number;
}

/**
 * The position of a run and what its evaluations have found so far: plain data. A checkpoint holds this and the parts'
 * states.
 */
export interface LoopState {
  /** The experience that comes next, or is under way: their number when all are done. */
  experience: number;
  /** The experience's next training example. */
  index: number;
  /** The tasks that have come so far, in the order in which they came. */
  come: number[];
  /** The rows of R so far. */
  accuracy: (number | null)[][];
  /** b; empty before the initial evaluation, nulls where there is none. */
  initial: (number | null)[];
  /** The confusion matrices of R's rows so far; absent where the spec asks for none. */
  confusion?: Confusion[];
  /** The rows of the linear probe so far; absent where the spec asks for none. */
  probe?: (number | null)[][];
  intermediate: IntermediateEvaluation[];
  /** Present where training examples are asked about before they are taught. */
  prequential?: PrequentialState;
  /** The answers of the last full evaluation. */
  predictions: Uint16Array;
  /** Gradients of one example's loss that the learner has computed so far. */
  gradients: number;
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
    gradients: 0,
    bytes: 0,
    taskLabels: { training: 0, test: 0, boundaries: 0 },
  };
}
