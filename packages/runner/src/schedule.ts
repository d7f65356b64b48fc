import type { Cell } from "@everlearn/host";
import { RunError } from "./error.js";

/** What is certain of a run before it starts: how long its experiences are, and when it is asked about what. */
export interface Schedule {
  /** The number of examples of each experience. */
  readonly lengths: readonly number[];
  /** The task of each experience; null where it is of several. */
  readonly tasks: readonly (number | null)[];
  /** What people call an experience: a task, where each task has one and they come in order. */
  readonly unit: "task" | "experience";
  /** The tasks of R's row after an experience; all after the last. */
  rowAfter(experience: number): readonly number[];
  /** Whether the learner is asked within an experience, between its examples `index` − 1 and `index`. */
  glanceAt(index: number): boolean;
}

/** @throws RunError where the spec's evaluation is not one for its stream */
export function createSchedule({ name, stream, batchSize, evaluation }: Cell): Schedule {
  if (evaluation.tasks === "current-and-next" && !stream.boundaries)
    throw new RunError(
      `${name}: an evaluation of "current-and-next" needs a stream with boundaries between its tasks; use "tasks": "all" in "evaluation", or another stream.`,
    );
  const lengths: number[] = [];
  const tasks: (number | null)[] = [];
  for (let experience = 0; experience < stream.experiences; experience++) {
    const source = stream.train(experience);
    lengths.push(source.length);
    tasks.push(stream.boundaries && source.length > 0 ? source.task(0) : null);
  }
  const all = Array.from({ length: stream.tasks }, (_, task) => task);
  const inOrder = tasks.length === all.length && tasks.every((task, i) => task === i);
  return {
    lengths,
    tasks,
    unit: inOrder ? "task" : "experience",
    rowAfter(experience) {
      if (evaluation.tasks === "all" || experience === stream.experiences - 1) return all;
      return all.filter((task) => task === tasks[experience] || task === tasks[experience + 1]);
    },
    glanceAt(index) {
      const { every } = evaluation;
      // Batches begin at multiples of their size.
      return every > 0 && index > 0 && Math.floor(index / every) > Math.floor((index - batchSize) / every);
    },
  };
}
