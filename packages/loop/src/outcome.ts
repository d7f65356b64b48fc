import type { Cell } from "@everlearn/composition";
import { DivergedError, type Evaluations } from "@everlearn/contracts";
import { digestOf } from "./digest.js";
import { CellError, type UnfinishedStatus } from "./failure.js";
import { metrics as usualMetrics, prequentialMetrics } from "./metrics.js";
import { prequentialOf } from "./prequential.js";
import type { Schedule } from "./schedule.js";
import type { LoopState, TaskLabelCounts } from "./state.js";

/** What a run found and what it cost, however it ended. */
export interface Account extends Evaluations {
  readonly taskLabels: Readonly<TaskLabelCounts>;
  /** Training examples of the stream that the learner learned from. */
  readonly examples: number;
}

/** How a run ended, and what it found. */
export type LoopOutcome = Account &
  (
    | {
        readonly status: "finished";
        readonly metrics: Readonly<Record<string, number | null>>;
        /** The last evaluation's answers, task by task in the tasks' own order. */
        readonly predictions: Uint16Array;
        /** The final θ in canonical order; empty without a network. */
        readonly theta: Float32Array;
        /** SHA-256 over θ, R, the answers, and the intermediate and prequential evaluations: equal runs, equal bits. */
        readonly digest: string;
      }
    | { readonly status: UnfinishedStatus; readonly message: string }
  );

/** Gathers what a run has found and what it cost so far. */
export function accountOf(schedule: Schedule, state: LoopState): Account {
  const { accuracy, initial, confusion, probe, intermediate, gradients, bytes, taskLabels } = state;
  const prequential = prequentialOf(state.prequential);
  const examples = schedule.examplesUpTo(state.experience, state.index);
  return {
    ...{ accuracy, initial, tasks: schedule.tasks, ...(confusion && { confusion }), ...(probe && { probe }) },
    ...{ intermediate, ...(prequential && { prequential }), gradients, bytes, taskLabels, examples },
  };
}

/**
 * The outcome of a run whose loop has come to its end: its metrics and its digest.
 * @param theta the final θ in canonical order; absent without a network
 * @throws CellError where a metric answers no finite number, or θ is not finite
 */
export function finish(
  cell: Pick<Cell, "name" | "seed" | "metrics">,
  account: Account,
  { predictions }: LoopState,
  theta: Float32Array = new Float32Array(),
): LoopOutcome {
  const metrics = Object.fromEntries(
    Object.entries({ ...usualMetrics, ...(account.prequential && prequentialMetrics), ...cell.metrics }).map(
      ([key, metric]) => [key, metric(account)],
    ),
  );
  // JSON has no such numbers, and the bits of a NaN differ between machines.
  for (const [key, value] of Object.entries(metrics))
    if (value !== null && !Number.isFinite(value))
      throw new CellError(cell, `metric ${key}`, new RangeError(`it is ${value}; return a finite number, or null.`));
  if (!theta.every((value) => Number.isFinite(value)))
    throw new CellError(cell, "the end", new DivergedError(Number.NaN));
  const digest = digestOf(theta, account.accuracy, predictions, account.intermediate, account.prequential);
  return { ...account, status: "finished", metrics, predictions, theta, digest };
}

/**
 * The outcome of a run that diverged or exceeded its budget. @throws CellError the error itself, where the same run
 * need not end so again
 */
export function endedBy(error: unknown, account: Account): LoopOutcome {
  const status = error instanceof CellError ? error.status : undefined;
  if (status === undefined) throw error;
  return { ...account, status, message: (error as CellError).message };
}
