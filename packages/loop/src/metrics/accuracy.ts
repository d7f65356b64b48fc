import type { Evaluations } from "@everlearn/contracts";
import { mean } from "./mean.js";
import { oneEach, soFar } from "./tasks.js";

/** RA = mean over j of R[E−1][j]: accuracy on all tasks in the end (Riemer et al. 2019). */
export function retainedAccuracy({ accuracy }: Evaluations): number | null {
  return mean(accuracy[accuracy.length - 1]);
}

/**
 * LA = mean over experiences i of R[i][task of i]: accuracy on each task just after it was learned (Riemer et al. 2019;
 * there the diagonal). Null where an experience is of several tasks.
 */
export function learningAccuracy(evaluations: Evaluations): number | null {
  const { accuracy } = evaluations;
  return mean(oneEach(evaluations)?.map((task, i) => accuracy[i][task]) ?? []);
}

/**
 * Mean over experiences i of the mean over the tasks j that came up to i of R[i][j] (Rebuffi et al. 2017, where it is the
 * accuracy on all classes so far: the same where tasks have as many test examples each). Null where R lacks one of these.
 */
export function averageIncrementalAccuracy(evaluations: Evaluations): number | null {
  return mean(evaluations.accuracy.map((row, i) => mean(soFar(evaluations, i).map((task) => row[task]))));
}
