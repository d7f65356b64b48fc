import type { Evaluations } from "@everlearn/contracts";
import { learningAccuracy, retainedAccuracy } from "./accuracy.js";
import { difference, mean } from "./mean.js";
import { inOrder } from "./tasks.js";

/** BTI = RA − LA: what later tasks added to earlier ones, or took away (Riemer et al. 2019). Null where LA is. */
export function backwardTransferAndInterference(evaluations: Evaluations): number | null {
  return difference(retainedAccuracy(evaluations), learningAccuracy(evaluations));
}

/**
 * BWT = mean over j < T−1 of R[T−1][j] − R[j][j], over T−1 tasks (Lopez-Paz & Ranzato 2017; so in Mammoth). BTI sums the
 * same differences and divides by T. Null where there is one task only, or the experiences are not the tasks in order.
 */
export function backwardTransfer(evaluations: Evaluations): number | null {
  const { accuracy } = evaluations;
  if (!inOrder(evaluations)) return null;
  const last = accuracy[accuracy.length - 1];
  return mean(accuracy.slice(0, -1).map((row, j) => difference(last[j], row[j])));
}

/**
 * FWT = mean over t ≥ 1 of R[t−1][t] − b[t], over T−1 tasks (Lopez-Paz & Ranzato 2017; so in Mammoth; GEM's released code
 * and MER's divide by T). Null where there is one task only, or the experiences are not the tasks in order.
 */
export function forwardTransfer(evaluations: Evaluations): number | null {
  const { accuracy, initial } = evaluations;
  if (!inOrder(evaluations)) return null;
  return mean(accuracy.slice(0, -1).map((row, i) => difference(row[i + 1], initial[i + 1])));
}
