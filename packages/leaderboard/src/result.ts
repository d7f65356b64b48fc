import type { Receipt } from "@everlearn/records";

/** What runs are ranked by: the mean accuracy over all tasks at the end, or over all examples before they were taught. */
export type RankedMetric = "retainedAccuracy" | "prequentialAccuracy";

/** What a run is ranked by: its retained accuracy, or, where its spec has no task tested, its prequential accuracy. */
export function rankedMetricOf(spec: object): RankedMetric {
  const { evaluation } = spec as { readonly evaluation?: { readonly tasks?: unknown } | null };
  return evaluation?.tasks === "none" ? "prequentialAccuracy" : "retainedAccuracy";
}

/** The fields of a receipt that tables and pictures need. */
export type RunResult = Pick<
  Receipt,
  "name" | "seed" | "accuracy" | "initial" | "tasks" | "metrics" | "status" | "chance"
> &
  Partial<Pick<Receipt, "spec">>;

/**
 * A metric of a run, null where it has none. A run that did not finish is not left out, which would flatter: its
 * accuracies are those of guessing.
 */
export function metricOf({ status = "finished", chance, metrics, spec }: RunResult, name: string): number | null {
  if (status === "finished") return metrics[name] ?? null;
  const ranked = rankedMetricOf(spec ?? {});
  const isAccuracy = name === ranked || (name === "learningAccuracy" && ranked === "retainedAccuracy");
  return isAccuracy ? (chance ?? null) : null;
}

/**
 * R as rows of numbers; what is null or not finite becomes NaN.
 * @throws RangeError where R is empty, its rows differ in length or it holds a number outside [0, 1].
 */
export function accuracyMatrix({ name, seed, accuracy }: RunResult): number[][] {
  const who = `The accuracy matrix of "${name}", seed ${seed},`;
  if (accuracy.length === 0 || accuracy[0].length === 0) throw new RangeError(`${who} is empty; give E × T fractions.`);
  return accuracy.map((row, i) => {
    if (row.length !== accuracy[0].length)
      throw new RangeError(
        `${who} has rows of length ${accuracy[0].length}, but row ${i} has length ${row.length}; give E × T fractions.`,
      );
    return row.map((value) => {
      if (value === null || !Number.isFinite(value)) return Number.NaN;
      if (value < 0 || value > 1) throw new RangeError(`${who} holds ${value}; give fractions between 0 and 1.`);
      return value;
    });
  });
}

/** The task of each of R's rows; null where an experience is of several, or one cannot know. */
export function tasksOf({ accuracy, tasks }: RunResult): readonly (number | null)[] {
  const square = accuracy.length === accuracy[0].length;
  if (tasks) return tasks.map((own) => (own.length === 1 ? own[0] : null));
  return accuracy.map((_, i) => (square ? i : null));
}

/** Whether experience i is task i, for all T of them: then rows are named after tasks. */
export function inOrder(tasks: readonly (number | null)[], count: number): boolean {
  return tasks.length === count && tasks.every((task, i) => task === i);
}
