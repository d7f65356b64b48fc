import { type Cell, createCell, type Plan } from "@everlearn/composition";
import type { Experience, Query, Scenario, Stream } from "@everlearn/contracts";
import { digest } from "@everlearn/digest";
import { random } from "@everlearn/random";
import type { Result } from "@everlearn/records";
import { type Progress, runCell } from "@everlearn/runner";
import { retainedAccuracyOf } from "./score.js";
import { streamHash } from "./stream-hash.js";

/** What was found out about the honesty of a run; `checks.json`. */
export interface Honesty {
  readonly specId: string;
  /** Trained on labels drawn at random, retained accuracy must be that of guessing. */
  readonly canary: {
    readonly passed: boolean;
    readonly retainedAccuracy: number | null;
    readonly chance: number;
    /** Four standard deviations of an answer drawn for each class of each task. */
    readonly tolerance: number;
    readonly seeds: readonly number[];
  };
  /** Answers must not depend on how many are asked for at once. */
  readonly batches: { readonly passed: boolean; readonly sizes: readonly number[]; readonly queries: number };
  /** Built in order and, a second time, in reverse, the stream must be the same. */
  readonly stream: { readonly passed: boolean; readonly sha256: readonly [string, string] };
  /** What was handed out of task labels must be no more than the scenario grants. */
  readonly taskLabels: { readonly passed: boolean; readonly granted: string; readonly handed: Result["taskLabels"] };
}

/** Whether all of it is as it must be. */
export function isHonest({ canary, batches, stream, taskLabels }: Honesty): boolean {
  return [canary, batches, stream, taskLabels].every(({ passed }) => passed);
}

/** How a run is checked. */
export interface HonestyCheckOptions {
  /** Where the canaries run, resumed where they stopped: DIR/canary-<seed>. */
  readonly directory: string;
  readonly signal?: AbortSignal;
  /** Hears how far the canaries are. */
  readonly onProgress?: (progress: Progress) => void;
}

/** Seeds of canaries begin here: none is a run's own by accident. */
const firstSeed = 1_000_000;
const batchSizes = [1, 7, 256];
/** Test examples of a task that the learner is asked about in batches of each size. */
const asked = 100;

/**
 * Checks a run's honesty: canary, batches, stream and task labels. It costs a run of the learner or, where tasks and
 * classes are so few that one says little, up to four.
 * @throws StoppedError where the signal aborts; RunError where a run fails
 */
export async function checkHonesty(plan: Plan, options: HonestyCheckOptions): Promise<Honesty> {
  const results: Result[] = [];
  const batches = { passed: true, queries: 0 };
  const { chance, spread, count } = await chanceLevel(plan);
  const seeds = Array.from({ length: count }, (_, i) => firstSeed + i);
  for (const seed of seeds) {
    const cell = await createCell(plan, seed);
    try {
      const { directory, ...rest } = options;
      const result = await runCell(withRandomLabels(cell), {
        ...rest,
        directory: `${directory}/canary-${seed}`,
        resume: true,
      });
      results.push(result);
      // A learner of a run that was finished before has learned nothing now, but answers all the same.
      const queries = someQueries(cell);
      batches.queries += queries.length;
      if (result.status === "finished") batches.passed &&= answersAgree(cell, queries);
    } finally {
      await cell.dispose();
    }
  }
  const scores = results.map(retainedAccuracyOf);
  const retainedAccuracy = scores.includes(null)
    ? null
    : (scores as number[]).reduce((a, b) => a + b, 0) / scores.length;
  const tolerance = spread / Math.sqrt(seeds.length);
  const { scenario, hashes } = await streams(plan);
  const handed = results[0].taskLabels;
  return {
    specId: plan.specId,
    canary: {
      passed: retainedAccuracy === null || Math.abs(retainedAccuracy - chance) <= tolerance,
      ...{ retainedAccuracy, chance, tolerance, seeds },
    },
    batches: { passed: batches.passed, sizes: batchSizes, queries: batches.queries },
    stream: { passed: hashes[0] === hashes[1], sha256: hashes },
    taskLabels: { passed: grants(scenario, handed), granted: scenario.taskLabels, handed },
  };
}

/** Whether a scenario grants what was handed out. Ends of tasks are granted to learners that need them, unless it says no. */
function grants({ taskLabels, boundaries = true }: Scenario, handed: Result["taskLabels"]): boolean {
  return (
    (taskLabels !== "never" || handed.training === 0) &&
    (taskLabels === "always" || handed.test === 0) &&
    (boundaries || handed.boundaries === 0)
  );
}

/**
 * What guessing scores, four standard deviations of that where each class of a task has one answer, drawn, and how many
 * canaries it takes to tell guessing from learning.
 */
async function chanceLevel(plan: Plan): Promise<{ chance: number; spread: number; count: number }> {
  const cell = await createCell(plan, firstSeed);
  try {
    const { stream, scenario } = cell;
    const guesses = Array.from({ length: stream.tasks }, (_, task) => {
      const outputs = scenario.query(task, stream.test(task).input(0)).outputs?.length ?? scenario.outputs;
      return { p: 1 / outputs, classes: stream.classesOf(task).length };
    });
    const variance = guesses.reduce((sum, { p, classes }) => sum + (p * (1 - p)) / classes, 0);
    const chance = guesses.reduce((sum, { p }) => sum + p, 0) / guesses.length;
    const spread = (4 * Math.sqrt(variance)) / guesses.length;
    return { chance, spread, count: Math.min(4, Math.max(1, Math.ceil((spread / ((1 - chance) / 1.5)) ** 2))) };
  } finally {
    await cell.dispose();
  }
}

/** The cell with labels of training drawn at random among its task's classes: a cell of its own. */
function withRandomLabels(cell: Cell): Cell {
  const labels = random(cell.seed, "canary");
  const stream: Stream = {
    ...cell.stream,
    train(experience): Experience {
      const source = cell.stream.train(experience);
      const drawn = labels.fork(experience);
      const chosen = Uint16Array.from({ length: source.length }, (_, i) =>
        drawn.integer(cell.stream.classesOf(source.task(i)).length),
      );
      return {
        length: source.length,
        task: (i) => source.task(i),
        input: (i, into) => source.input(i, into),
        label: (i) => chosen[i],
      };
    },
  };
  // Its result is no receipt of the run, and says so.
  const specId = digest({ specId: cell.specId, canary: true });
  const spec = { ...cell.spec, canary: true };
  return { ...cell, spec, specId, cellId: digest({ specId, seed: cell.seed }), stream };
}

function someQueries({ stream, scenario }: Cell): Query[] {
  return Array.from({ length: stream.tasks }, (_, task) => {
    const test = stream.test(task);
    return Array.from({ length: Math.min(asked, test.length) }, (_, i) => scenario.query(task, test.input(i)));
  }).flat();
}

function answersAgree({ learner }: Cell, queries: readonly Query[]): boolean {
  const answers = batchSizes.map((size) => {
    const all: number[] = [];
    for (let i = 0; i < queries.length; i += size) all.push(...learner.predict(queries.slice(i, i + size)));
    return all;
  });
  return answers.every((one) => one.every((answer, i) => answer === answers[0][i]));
}

/** The hash of all a stream's examples, built in order and by another cell in reverse, and the scenario. */
async function streams(plan: Plan): Promise<{ scenario: Scenario; hashes: [string, string] }> {
  const first = await hashedStream(plan, false);
  const second = await hashedStream(plan, true);
  return { scenario: first.scenario, hashes: [first.hash, second.hash] };
}

async function hashedStream(plan: Plan, reverse: boolean): Promise<{ scenario: Scenario; hash: string }> {
  const cell = await createCell(plan, plan.spec.seeds[0] ?? 0);
  try {
    return { scenario: cell.scenario, hash: streamHash(cell.stream, reverse) };
  } finally {
    await cell.dispose();
  }
}
