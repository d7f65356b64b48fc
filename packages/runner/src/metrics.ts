import type { Evaluations, Metric } from "@everlearn/contracts";

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** RA = mean over j of R[T−1][j]: accuracy on all tasks in the end (Riemer et al. 2019). */
export function retainedAccuracy({ accuracy }: Evaluations): number {
  return mean(accuracy[accuracy.length - 1]);
}

/** LA = mean over i of R[i][i]: accuracy on each task just after it was learned (Riemer et al. 2019). */
export function learningAccuracy({ accuracy }: Evaluations): number {
  return mean(accuracy.map((row, i) => row[i]));
}

/** BTI = RA − LA: what later tasks added to earlier ones, or took away (Riemer et al. 2019). */
export function backwardTransferAndInterference(evaluations: Evaluations): number {
  return retainedAccuracy(evaluations) - learningAccuracy(evaluations);
}

/**
 * FWT = mean over t ≥ 1 of R[t−1][t] − b[t], over T−1 tasks (Lopez-Paz & Ranzato 2017; their released code and MER's
 * divide by T). Null where there is one task only.
 */
export function forwardTransfer({ accuracy, initial }: Evaluations): number | null {
  if (accuracy.length < 2) return null;
  return mean(accuracy.slice(1).map((_, i) => accuracy[i][i + 1] - initial[i + 1]));
}

/** The metrics that every run reports, by the name they have in its result. */
export const metrics: Readonly<Record<string, Metric>> = {
  retainedAccuracy,
  learningAccuracy,
  backwardTransferAndInterference,
  forwardTransfer,
};
