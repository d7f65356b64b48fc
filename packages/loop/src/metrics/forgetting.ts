import type { Evaluations } from "@everlearn/contracts";
import { difference, largest, mean } from "./mean.js";
import { earlier, inOrder, oneEach } from "./tasks.js";

/**
 * Mean over the tasks j but the last of max over i < E−1 of R[i][j], − R[E−1][j] (Chaudhry et al. 2018, and the released
 * code of A-GEM, which takes all rows before the last, those before j was learned too): in [−1, 1], over T−1 tasks. Less
 * than 0 where the last experience made the tasks better than ever. Null where there is one task only, R lacks a value,
 * or an experience is of several tasks.
 */
export function forgettingFromPeak(evaluations: Evaluations): number | null {
  const { accuracy } = evaluations;
  return forgetting(evaluations, (task) => accuracy.slice(0, -1).map((row) => row[task]));
}

/**
 * Mean over the tasks j but the last of max over i of R[i][j], − R[E−1][j], with i from the experience in which j was
 * first learned up to the last one too: never less than 0, over T−1 tasks. So Mammoth's `forgetting`, whose R has no
 * accuracies of tasks that have not come yet. Null where there is one task only, R lacks a value, or an experience is of
 * several tasks.
 */
export function forgettingFromPeakOrZero(evaluations: Evaluations): number | null {
  const { accuracy } = evaluations;
  return forgetting(evaluations, (task, learned) => accuracy.slice(learned).map((row) => row[task]));
}

/**
 * Mean over j < T−1 of R[j][j] − R[T−1][j], over T−1 tasks: −`backwardTransfer`, as Avalanche's ExperienceForgetting has
 * it for each experience and StreamForgetting in the mean. Null where there is one task only, or the experiences are not
 * the tasks in order.
 */
export function forgettingSinceLearned(evaluations: Evaluations): number | null {
  const { accuracy } = evaluations;
  if (!inOrder(evaluations)) return null;
  return forgetting(evaluations, (task, learned) => [accuracy[learned][task]]);
}

/**
 * Mean over the tasks but the last of what the best of the `known` accuracies is above the last one; a task is `learned` in
 * the first experience that is of it.
 */
function forgetting(
  evaluations: Evaluations,
  known: (task: number, learned: number) => readonly (number | null)[],
): number | null {
  const order = oneEach(evaluations);
  if (order === null) return null;
  const last = evaluations.accuracy[evaluations.accuracy.length - 1];
  return mean(earlier(order).map((task) => difference(largest(known(task, order.indexOf(task))), last[task])));
}
