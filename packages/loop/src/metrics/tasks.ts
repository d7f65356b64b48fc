import type { Evaluations } from "@everlearn/contracts";

/** The task of each experience; null where one of them is not of exactly one. */
export function oneEach({ tasks }: Evaluations): readonly number[] | null {
  return tasks.every(({ length }) => length === 1) ? tasks.flat() : null;
}

/** Whether experience i is task i, for all T: what the papers' formulas speak of. */
export function inOrder(evaluations: Evaluations): boolean {
  const order = oneEach(evaluations);
  return order?.length === evaluations.initial.length && order.every((task, i) => task === i);
}

/** The tasks of the experiences up to and with this one, each once. */
export function soFar({ tasks }: Evaluations, experience: number): readonly number[] {
  return [...new Set(tasks.slice(0, experience + 1).flat())];
}

/** The tasks that came before the last experience's, which forgetting is about, where experience i is of task order[i]. */
export function earlier(order: readonly number[]): readonly number[] {
  return [...new Set(order)].filter((task) => task !== order[order.length - 1]);
}
