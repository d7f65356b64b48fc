import type { Cell, PrequentialProtocol } from "@everlearn/composition";
import { RunError } from "@everlearn/contracts";

/** The lengths of a run's experiences, and when which tasks are evaluated: all that is known before it starts. */
export interface Schedule {
  /** The number of examples of each experience. */
  readonly lengths: readonly number[];
  /** The tasks that each experience has examples of, ascending: one where the stream has boundaries. */
  readonly tasks: readonly (readonly number[])[];
  /** The number of examples of the first so many experiences, and `more`. */
  examplesUpTo(experiences: number, more?: number): number;
  /** How training examples are asked about before they are taught; absent: they are not. */
  readonly prequential?: PrequentialProtocol;
  /** The word for an experience: "task" where each task has one and they come in order. */
  readonly unit: "task" | "experience";
  /** The tasks of R's row after an experience, or before the first (null). */
  rowAfter(experience: number | null): readonly number[];
  /** Whether R's rows come with confusion matrices. */
  readonly hasConfusion: boolean;
  /** The training examples of each task that a linear probe learns from after each experience; 0: there is none. */
  readonly probe: number;
  /** Whether there is an intermediate evaluation between an experience's examples `index` − 1 and `index`. */
  evaluatesAt(index: number): boolean;
}

/** @throws RunError where the spec's evaluation is not one for its stream */
export function createSchedule({
  name,
  stream,
  batchSize,
  evaluation,
}: Pick<Cell, "name" | "stream" | "batchSize" | "evaluation">): Schedule {
  if (evaluation.tasks === "current-and-next" && !stream.boundaries)
    throw new RunError(
      `${name}: an evaluation of "current-and-next" needs a stream with boundaries between its tasks; use "tasks": "all" in "evaluation", or another stream.`,
    );
  const lengths: number[] = [];
  const tasks: number[][] = [];
  for (let experience = 0; experience < stream.experiences; experience++) {
    const source = stream.train(experience);
    lengths.push(source.length);
    const come = new Set<number>();
    for (let i = 0; i < source.length; i++) come.add(source.task(i));
    tasks.push([...come].sort((a, b) => a - b));
  }
  const starts = [0];
  for (const length of lengths) starts.push(starts[starts.length - 1] + length);
  const all = Array.from({ length: stream.tasks }, (_, task) => task);
  const inOrder = stream.boundaries && tasks.length === all.length && tasks.every(([task], i) => task === i);
  return {
    lengths,
    tasks,
    ...(evaluation.prequential && { prequential: evaluation.prequential }),
    examplesUpTo: (experiences, more = 0) => starts[experiences] + more,
    unit: inOrder ? "task" : "experience",
    rowAfter(experience) {
      if (evaluation.tasks === "none") return [];
      if (evaluation.tasks === "seen") {
        const come = new Set(experience === null ? [] : tasks.slice(0, experience + 1).flat());
        return all.filter((task) => come.has(task));
      }
      if (experience === null || evaluation.tasks === "all" || experience === stream.experiences - 1) return all;
      return all.filter((task) => tasks[experience].includes(task) || tasks[experience + 1].includes(task));
    },
    probe: evaluation.probe ?? 0,
    hasConfusion: evaluation.confusion === true,
    evaluatesAt(index) {
      const { every } = evaluation;
      // Batches begin at multiples of their size.
      return every > 0 && index > 0 && Math.floor(index / every) > Math.floor((index - batchSize) / every);
    },
  };
}
