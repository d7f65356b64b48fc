import type { Query } from "@everlearn/contracts";

/**
 * The task that an example or query comes from.
 * @param refusal the error's message: who needs the label, and what grants it
 * @throws RangeError where it carries no task label
 */
export function taskOf({ task }: Query, refusal: string): number {
  if (task === undefined) throw new RangeError(refusal);
  return task;
}

/** The places of each task's queries, tasks in the order in which they first come. */
function placesByTask(queries: readonly Query[], refusal: string): Map<number, number[]> {
  const places = new Map<number, number[]>();
  queries.forEach((query, i) => {
    const task = taskOf(query, refusal);
    const others = places.get(task);
    if (others) others.push(i);
    else places.set(task, [i]);
  });
  return places;
}

/**
 * Examples or queries grouped by task, tasks in the order in which they first come; within a task the order stays.
 * @param refusal the error's message: who needs the labels, and what grants them
 * @throws RangeError where one carries no task label
 */
export function byTask<Q extends Query>(queries: readonly Q[], refusal: string): Map<number, Q[]> {
  const groups = new Map<number, Q[]>();
  for (const query of queries) {
    const task = taskOf(query, refusal);
    const others = groups.get(task);
    if (others) others.push(query);
    else groups.set(task, [query]);
  }
  return groups;
}

/**
 * Answers queries task by task.
 * @param answer the answers to the queries of one task
 * @param refusal the error's message: who needs the labels, and what grants them
 * @returns the answers in the order of the queries
 * @throws RangeError where a query carries no task label
 */
export function answerByTask<Q extends Query>(
  queries: readonly Q[],
  refusal: string,
  answer: (task: number, own: readonly Q[]) => Uint16Array,
): Uint16Array {
  const answers = new Uint16Array(queries.length);
  for (const [task, places] of placesByTask(queries, refusal)) {
    const own = answer(
      task,
      places.map((i) => queries[i]),
    );
    places.forEach((i, j) => (answers[i] = own[j]));
  }
  return answers;
}
