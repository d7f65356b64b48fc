import type { Evaluations, Metric } from "@everlearn/contracts";
import { averageIncrementalAccuracy, learningAccuracy, retainedAccuracy } from "./metrics/accuracy.js";
import { averageAnytimeAccuracy, minAccuracy, stabilityGap, worstCaseAccuracy } from "./metrics/anytime.js";
import { forgettingFromPeak, forgettingFromPeakOrZero, forgettingSinceLearned } from "./metrics/forgetting.js";
import { backwardTransfer, backwardTransferAndInterference, forwardTransfer } from "./metrics/transfer.js";

/** The most bytes that network, optimizer, buffer and learner had to keep from one example to the next. */
function memoryBytes({ bytes }: Evaluations): number {
  return bytes;
}

/** The gradients of one example's loss that were computed: what a method costs, whatever the machine. */
function exampleGradients({ gradients }: Evaluations): number {
  return gradients;
}

/** The metrics that a run with a prequential evaluation reports besides. */
export const prequentialMetrics = {
  prequentialAccuracy: ({ prequential }) => prequential?.accuracy ?? null,
  prequentialKappa: ({ prequential }) => prequential?.kappa ?? null,
  prequentialKappaM: ({ prequential }) => prequential?.kappaM ?? null,
} satisfies Readonly<Record<string, Metric>>;

/**
 * The metrics that every run reports, by the name they have in its result. R is experiences × tasks, E × T; of a stream
 * of task after task, T × T.
 */
export const metrics = {
  retainedAccuracy,
  learningAccuracy,
  backwardTransferAndInterference,
  forwardTransfer,
  backwardTransfer,
  averageIncrementalAccuracy,
  forgettingFromPeak,
  forgettingFromPeakOrZero,
  forgettingSinceLearned,
  averageAnytimeAccuracy,
  minAccuracy,
  worstCaseAccuracy,
  stabilityGap,
  memoryBytes,
  exampleGradients,
} satisfies Readonly<Record<string, Metric>>;
