import type { Example, Query, State } from "@everlearn/contracts";

/** A request to the learner, which may be in this process or another. */
export type Request =
  /** Learn from these batches, one after the other. */
  | { readonly type: "train"; readonly batches: readonly (readonly Example[])[] }
  /** A task has ended. */
  | { readonly type: "endTask" }
  /** Answer these queries, whose inputs are valid until then; `ofTraining`: they are examples that are taught afterwards. */
  | { readonly type: "answer"; readonly queries: readonly Query[]; readonly ofTraining?: true }
  /** Answer what the network's last layer sees of the queries. */
  | { readonly type: "features"; readonly queries: readonly Query[] }
  /** Answer everything that the learner keeps, and its size. */
  | { readonly type: "save" };

/** The reply to a request. */
export interface Reply {
  /** Gradients of one example's loss that all training has taken so far. */
  readonly gradients: number;
  /** To "train": for each batch that was learned, in order. */
  readonly learned?: readonly Learned[];
  /** To "answer". */
  readonly answers?: Uint16Array;
  /** To "features": the same number of values for each query, one query after the other. */
  readonly features?: Float32Array;
  /** To "save": the states, by place, of all that changes with the learner; whoever sent them can load them. */
  readonly parts?: Readonly<Record<string, State>>;
  /** To "save": the bytes that networks, optimizer, buffer and learner keep from one example to the next. */
  readonly bytes?: number;
  /** Why the learner failed: at the request, or at the batch after those learned. */
  readonly error?: unknown;
}

/** What a learner tells of a batch that it has learned. */
export interface Learned {
  /** Gradients of one example's loss that all training has taken so far. */
  readonly gradients: number;
  /** The loss that the network found last; absent where the batch took no gradient. */
  readonly loss?: number;
}

/** A report of progress, which needs no reply. */
export type LoopEvent =
  /** After batches of so many examples each. The state may be saved now. */
  | {
      readonly type: "trained";
      readonly batches: readonly { readonly examples: number; readonly loss?: number }[];
    }
  /** An evaluation begins. */
  | { readonly type: "evaluating"; readonly kind: EvaluationKind }
  /** An evaluation has ended; what it found is in the state. */
  | {
      readonly type: "evaluated";
      readonly kind: EvaluationKind;
      readonly tasks: readonly number[];
      readonly accuracy: readonly (number | null)[];
    }
  /** A window of a prequential evaluation has ended; what it found is in the state. */
  | { readonly type: "prequential" }
  /** An experience is over. The state may be saved now. */
  | { readonly type: "experienced" };

/** The kinds of evaluation: before any training, after an experience (a row of R), and within an experience. */
export type EvaluationKind = "initial" | "row" | "intermediate";

/** What the loop yields: a request, for whose reply it waits, or an event. */
export type Step = Request | LoopEvent;
