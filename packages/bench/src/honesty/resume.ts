import { existsSync } from "node:fs";
import { join } from "node:path";
import { StoppedError } from "@everlearn/contracts";
import { createSchedule, type LearnerHandle } from "@everlearn/loop";
import { random } from "@everlearn/random";
import { runFiles } from "@everlearn/records";
import { runCourse } from "@everlearn/runner";
import type { CheckedResult, Trial } from "./trial.js";

/** What was found of a run that one process began and another one continued. */
export interface ResumeFinding {
  readonly passed: boolean;
  readonly seed: number;
  /** The training examples after which it was stopped, drawn at random; null where an earlier check had stopped it. */
  readonly stoppedAfter: number | null;
  /** The digests of the run that was not stopped and of this one; null where there is none. */
  readonly digests: readonly [string | null, string | null];
}

/**
 * Runs a cell again, stops it at a random example and continues with a learner made anew from what it saved. What a
 * learner keeps without saying so, such as examples in a variable of its module, is lost, and the digest another one.
 */
export async function checkResume(trial: Trial, { seed, digest }: CheckedResult): Promise<ResumeFinding> {
  const course = await trial.course(seed);
  const directory = trial.folder(`resume-${seed}`);
  const { onProgress } = trial;
  const progress = onProgress ? { onProgress } : {};
  const examples = createSchedule(course).examplesUpTo(course.stream.experiences);
  try {
    let stoppedAfter: number | null = null;
    if (!existsSync(join(directory, runFiles.journal))) {
      stoppedAfter = 1 + random(trial.secret, "stop").integer(Math.max(1, examples - 1));
      const stop = new AbortController();
      const start = async () => stoppingAt(await trial.start(course), stoppedAfter ?? 0, () => stop.abort());
      const signal = trial.signal ? AbortSignal.any([trial.signal, stop.signal]) : stop.signal;
      try {
        await runCourse(course, start, { directory, signal, ...progress });
      } catch (error) {
        if (!(error instanceof StoppedError) || !stop.signal.aborted || trial.signal?.aborted) throw error;
      }
    }
    const { signal } = trial;
    const again = await runCourse(course, () => trial.start(course), {
      ...{ directory, resume: true },
      ...(signal && { signal }),
      ...progress,
    });
    const digests: ResumeFinding["digests"] = [digest ?? null, again.digest ?? null];
    return { passed: digests[0] === digests[1], seed, stoppedAfter, digests };
  } finally {
    await course.dispose();
  }
}

/** A learner that says when it has been handed so many training examples, which come no further ahead than that. */
function stoppingAt(learner: LearnerHandle, after: number, stop: () => void): LearnerHandle {
  const { ahead } = learner;
  let left = after;
  return {
    ...learner,
    request(request) {
      if (request.type === "train") {
        left -= request.batches.reduce((sum, batch) => sum + batch.length, 0);
        if (left <= 0) stop();
      }
      return learner.request(request);
    },
    ...(ahead && { ahead: { queries: ahead.queries, examples: () => Math.max(1, Math.min(ahead.examples(), left)) } }),
  };
}
