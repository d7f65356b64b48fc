import type { Cell } from "@everlearn/composition";
import type { Evaluation, LoopEvent, LoopState, Schedule } from "@everlearn/loop";
import { Pace, type Progress } from "./progress.js";

/** An evaluation that has ended. */
export type Evaluated = Extract<LoopEvent, { type: "evaluated" }>;

/** Reports the progress of a run. */
export interface Reporter {
  /** Called after the learner has learned from so many examples in so many seconds. */
  trained(examples: number, seconds: number): void;
  evaluated(event: Evaluated, seconds: number): void;
  report(phase: Progress["phase"]): void;
}

/** @param seconds answers the working time so far */
export function createReporter(
  { name, seed, stream }: Pick<Cell, "name" | "seed" | "stream">,
  schedule: Schedule,
  evaluation: Evaluation,
  state: LoopState,
  seconds: () => number,
  onProgress: (progress: Progress) => void,
): Reporter {
  const { experiences } = stream;
  const total = schedule.examplesUpTo(experiences);
  const remaining = remainingQuestions(schedule, evaluation, experiences);
  const pace = new Pace();
  let latest: number[] = []; // accuracies of the last evaluation, on tasks that have come
  return {
    trained: (examples, elapsed) => pace.trained(examples, elapsed),
    evaluated({ kind, tasks, accuracy }, elapsed) {
      latest = accuracy.filter((a, task): a is number => a !== null && state.come.includes(task));
      if (kind === "intermediate") pace.intermediate(elapsed);
      else pace.evaluated(evaluation.questions(tasks), elapsed);
    },
    report(phase) {
      const examples = schedule.examplesUpTo(state.experience, state.index);
      onProgress({
        ...{ name, seed, phase, experiences, unit: schedule.unit, examples, total, seconds: seconds() },
        experience: Math.min(state.experience, experiences - 1),
        examplesPerSecond: pace.examplesPerSecond,
        secondsLeft: pace.secondsLeft(total - examples, remaining[state.accuracy.length]),
        accuracy: latest.length > 0 ? latest.reduce((sum, a) => sum + a, 0) / latest.length : null,
      });
    },
  };
}

/** For each row of R, the number of test examples in it and in all rows after it. */
function remainingQuestions(schedule: Schedule, evaluation: Evaluation, rows: number): number[] {
  const remaining: number[] = [0];
  for (let row = rows - 1; row >= 0; row--)
    remaining.unshift(remaining[0] + evaluation.questions(schedule.rowAfter(row)));
  return remaining;
}
