import { randomInt } from "node:crypto";
import { type Course, createCourse, type Plan } from "@everlearn/composition";
import type { Scenario } from "@everlearn/contracts";
import { digest } from "@everlearn/digest";
import type { Result } from "@everlearn/records";
import { type BatchFinding, checkBatches } from "./honesty/batches.js";
import { type CanaryFinding, checkCanary } from "./honesty/canary.js";
import { checkResume, type ResumeFinding } from "./honesty/resume.js";
import type { CheckedResult, HonestyCheckOptions, StartLearner, Trial } from "./honesty/trial.js";
import { streamHash } from "./stream-hash.js";

/** The findings of a run's honesty checks: `checks.json`. */
export interface Honesty {
  readonly specId: string;
  /** Taught wrong labels for some classes, the learner must answer what it was taught, not what is true. */
  readonly canary: CanaryFinding;
  /** Stopped at some example and continued by another process, the run must come to the same digest. */
  readonly resume: ResumeFinding;
  /** Answers must not depend on how many are asked for at once. */
  readonly batches: BatchFinding;
  /** Built in order and, a second time, in reverse, the stream must be the same. */
  readonly stream: { readonly passed: boolean; readonly sha256: readonly [string, string] };
  /** What was handed out of task labels must be no more than the scenario grants. */
  readonly taskLabels: { readonly passed: boolean; readonly granted: string; readonly handed: Result["taskLabels"] };
}

/** Whether a run passed all checks. */
export function isHonest({ canary, resume, batches, stream, taskLabels }: Honesty): boolean {
  return [canary, resume, batches, stream, taskLabels].every(({ passed }) => passed);
}

/**
 * Checks a run's honesty. It costs two runs of the learner. Both are at seeds of the run itself, and nothing that a
 * learner receives tells them from it, unless it knows the labels by heart.
 * @param result one of the run's own
 * @throws StoppedError where the signal aborts; RunError where a run fails
 */
export async function checkHonesty(
  plan: Plan,
  start: StartLearner,
  result: CheckedResult,
  { directory, secret = randomInt(2 ** 47), ...options }: HonestyCheckOptions,
): Promise<Honesty> {
  const trial: Trial = {
    ...options,
    ...{ plan, start, secret },
    folder: (name) => `${directory}/check-${name}`,
    course: async (seed) => auxiliary(await createCourse(plan, seed)),
  };
  const canary = await checkCanary(trial, result);
  const resume = await checkResume(trial, result);
  const batches = await checkBatches(trial, result.seed);
  const { scenario, hashes } = await streams(plan);
  return {
    specId: plan.specId,
    ...{ canary: canary.finding, resume, batches },
    stream: { passed: hashes[0] === hashes[1], sha256: hashes },
    taskLabels: {
      passed: grants(scenario, canary.handed),
      granted: scenario.taskLabels,
      handed: canary.handed,
    },
  };
}

/** The course as that of another cell, whose result `isAuxiliary`. */
function auxiliary(course: Course): Course {
  const specId = digest({ specId: course.specId, canary: true });
  const spec = { ...course.spec, canary: true };
  return { ...course, spec, specId, cellId: digest({ specId, seed: course.seed }) };
}

/**
 * Whether a scenario grants the task labels that were handed out. Ends of tasks are granted to learners that need them,
 * unless the scenario says no.
 */
function grants({ taskLabels, boundaries = true }: Scenario, handed: Result["taskLabels"]): boolean {
  return (
    (taskLabels !== "never" || handed.training === 0) &&
    (taskLabels === "always" || handed.test === 0) &&
    (boundaries || handed.boundaries === 0)
  );
}

/** Hashes all examples of a stream twice: built in order, and built in reverse by another course. */
async function streams(plan: Plan): Promise<{ scenario: Scenario; hashes: [string, string] }> {
  const first = await hashedStream(plan, false);
  const second = await hashedStream(plan, true);
  return { scenario: first.scenario, hashes: [first.hash, second.hash] };
}

async function hashedStream(plan: Plan, reverse: boolean): Promise<{ scenario: Scenario; hash: string }> {
  const course = await createCourse(plan, plan.spec.seeds[0] ?? 0);
  try {
    return { scenario: course.scenario, hash: streamHash(course.stream, reverse) };
  } finally {
    await course.dispose();
  }
}
