import type { Evaluations } from "@everlearn/contracts";

/** Whether experience i is task i, for all T: what the papers' formulas speak of. */
export function inOrder({ tasks, initial }: Evaluations): boolean {
  return tasks.length === initial.length && tasks.every((task, i) => task === i);
}

/** The tasks of the experiences up to and with this one, each once; null where one of them is of several. */
export function soFar({ tasks }: Evaluations, experience: number): number[] | null {
  const come = new Set(tasks.slice(0, experience + 1));
  return come.has(null) ? null : ([...come] as number[]);
}

/** The tasks that came before the last experience's, which forgetting is about; null where experiences are of several. */
export function earlier(evaluations: Evaluations): number[] | null {
  const last = evaluations.tasks.length - 1;
  return soFar(evaluations, last)?.filter((task) => task !== evaluations.tasks[last]) ?? null;
}
