import type { Example, Query } from "@everlearn/contracts";

/** A request to the learner, which may be in this process or another. */
export type Request =
  /** Learn from these examples, and answer how many gradients all training has taken so far. */
  | { readonly type: "train"; readonly batch: readonly Example[] }
  /** A task has ended: answer as to "train". */
  | { readonly type: "endTask" }
  /** Answer these queries, whose inputs are valid until then. */
  | { readonly type: "answer"; readonly queries: readonly Query[] }
  /** Answer how many bytes network, optimizer, buffer and learner keep. */
  | { readonly type: "measure" };

/** The reply to a request: `gradients` to "train" and "endTask", `answers` to "answer", `bytes` to "measure". */
export interface Reply {
  readonly gradients?: number;
  readonly answers?: Uint16Array;
  readonly bytes?: number;
}

/** A report of progress, which needs no reply. */
export type LoopEvent =
  /** After a batch of so many examples. The state may be saved now. */
  | { readonly type: "trained"; readonly examples: number }
  /** An evaluation begins. */
  | { readonly type: "evaluating"; readonly kind: EvaluationKind }
  /** An evaluation has ended; what it found is in the state. */
  | {
      readonly type: "evaluated";
      readonly kind: EvaluationKind;
      readonly tasks: readonly number[];
      readonly accuracy: readonly (number | null)[];
    }
  /** An experience is over. The state may be saved now. */
  | { readonly type: "experienced" };

/** The kinds of evaluation: before any training, after an experience (a row of R), and within an experience. */
export type EvaluationKind = "initial" | "row" | "intermediate";

/** What the loop yields: a request, for whose reply it waits, or an event. */
export type Step = Request | LoopEvent;
