import type { Evaluations } from "@everlearn/contracts";
import { difference, mean, smallest } from "./mean.js";
import { earlier, oneEach, soFar } from "./tasks.js";

/**
 * AAA = mean over all evaluations, intermediate ones and rows of R alike, of the mean accuracy on the tasks so far (Caccia
 * et al. 2022): those of which an example has come. Null where no evaluation is intermediate, or R lacks one of these
 * accuracies.
 */
export function averageAnytimeAccuracy(evaluations: Evaluations): number | null {
  const { accuracy, intermediate } = evaluations;
  if (intermediate.length === 0) return null;
  return mean([
    ...accuracy.map((row, i) => mean(soFar(evaluations, i).map((task) => row[task]))),
    ...intermediate.map((one) => mean(one.accuracy.filter((a) => a !== null))),
  ]);
}

/**
 * min-ACC = mean over the tasks j but the last of the smallest accuracy on j at any evaluation, intermediate or row of R, after
 * the experience in which j was first learned, over T−1 tasks (De Lange, van de Ven & Tuytelaars 2023). Null where there
 * is no intermediate evaluation or one task only, R lacks one of these accuracies, or an experience is of several tasks.
 */
export function minAccuracy(evaluations: Evaluations): number | null {
  const { accuracy, intermediate } = evaluations;
  const order = oneEach(evaluations);
  if (order === null || intermediate.length === 0) return null;
  return mean(
    earlier(order).map((task) => {
      const learned = order.indexOf(task);
      const later = intermediate.filter(({ experience }) => experience > learned);
      return smallest([...accuracy.slice(learned + 1), ...later.map((one) => one.accuracy)].map((a) => a[task]));
    }),
  );
}

/**
 * WC-ACC = 1/T · R[E−1][the last task] + (1 − 1/T) · min-ACC, T the number of tasks that came (De Lange, van de Ven &
 * Tuytelaars 2023): what stays of all tasks in the worst case. Null where min-ACC is.
 */
export function worstCaseAccuracy(evaluations: Evaluations): number | null {
  const { accuracy } = evaluations;
  const order = oneEach(evaluations);
  const worst = minAccuracy(evaluations);
  if (order === null || worst === null) return null;
  const last = order.length - 1;
  const final = accuracy[last][order[last]];
  if (final === null) return null;
  const count = soFar(evaluations, last).length;
  return final / count + (1 - 1 / count) * worst;
}

/**
 * Mean over experiences i ≥ 1 and the earlier tasks j of max(0, R[i−1][j] − the smallest accuracy on j at i's intermediate evaluations):
 * how far tasks fall while another is learned, whether or not they recover. De Lange, van de Ven & Tuytelaars (2023) show
 * this gap and give no formula for it; this one is ours. Null where there is one task only, such an experience has no
 * intermediate evaluation, R lacks one of these accuracies, or an experience is of several tasks.
 */
export function stabilityGap(evaluations: Evaluations): number | null {
  const { accuracy, intermediate } = evaluations;
  const order = oneEach(evaluations);
  if (order === null) return null;
  const falls = order.slice(1).flatMap((task, before) => {
    const within = intermediate.filter(({ experience }) => experience === before + 1);
    if (within.length === 0) return [null];
    const others = soFar(evaluations, before).filter((other) => other !== task);
    return others.map((other) => {
      const fall = difference(accuracy[before][other], smallest(within.map((one) => one.accuracy[other])));
      return fall === null ? null : Math.max(0, fall);
    });
  });
  return mean(falls);
}
