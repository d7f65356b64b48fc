import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type Composition, createCell, type Fitting } from "@everlearn/composition";
import { type Need, StoppedError, type TaskLabels } from "@everlearn/contracts";
import { planComposition, trackersOf } from "@everlearn/host";
import type { metrics } from "@everlearn/loop";
import type { Result } from "@everlearn/records";
import { runCell, type RunOptions } from "@everlearn/runner";
import { syncRuns } from "@everlearn/tracking";
import { searchPath } from "./search-path.js";
import { sourceCommit } from "./source.js";
import { missing } from "./tracking.js";

/** The seed that a composition is run at, and what is kept of the run. */
export interface RunSettings extends Pick<RunOptions, "resume" | "checkpointEvery" | "signal" | "onProgress"> {
  /** From 0, the default. */
  readonly seed?: number;
  /** Where the run's folder goes, as OUT/<name>/seed-<n>. Without it only the result is kept. */
  readonly out?: string;
  /** The folder that holds data sets; without it `EVERLEARN_DATA`, then the user's cache. */
  readonly data?: string;
  /**
   * The file in which the run is composed, as `import.meta.url`. Paths in options and packages are looked for from there,
   * and a plugin written in it, or in a file that it imports by a relative path, is identified by their source.
   */
  readonly from?: string;
}

/** The result of a run that finished. */
export interface Finished extends Result {
  readonly status: "finished";
  readonly digest: string;
  /** The metrics that every run reports, and those that this one has besides. */
  readonly metrics: Readonly<Record<keyof typeof metrics, number | null>> & Result["metrics"];
  readonly predictions: NonNullable<Result["predictions"]>;
}

/** The result of a run that diverged or exceeded its budget: the same cell ends in the same way every time. */
export interface Unfinished extends Result {
  readonly status: Exclude<Result["status"], "finished">;
  readonly message: string;
}

/** The result of a run that is composed in code: `status` tells which of the two it is. */
export type Outcome = Finished | Unfinished;

/**
 * Plans a run that is composed in code and runs it at one seed. A spec that says the same has the same specId, cellId and
 * digest, and `everlearn verify` accepts what is left in `out`. When the run has ended, its trackers are sent it; a warning
 * says what they could not send.
 * @throws SpecError where the composition is wrong; RunError where the learner fails, or the folder holds another run;
 * StoppedError after `signal` was aborted
 */
export async function run<N extends Need, G extends TaskLabels = "never">(
  composition: Composition<N, G> & Fitting<N, G>,
  { seed = 0, out, data, from, ...options }: RunSettings = {},
): Promise<Outcome> {
  if (options.signal?.aborted) throw new StoppedError();
  const plan = await planComposition(composition, {
    file: from?.startsWith("file:") ? fileURLToPath(from) : from,
    from: searchPath(),
    folder: data === undefined ? undefined : resolve(data),
    seed,
  });
  const root = out ?? (await mkdtemp(join(tmpdir(), "everlearn-run-")));
  const directory = join(root, plan.spec.name, `seed-${seed}`);
  const trackers = await trackersOf(plan);
  try {
    const cell = await createCell(plan, seed);
    try {
      return (await runCell(cell, { ...options, directory, commit: await sourceCommit() })) as Outcome;
    } finally {
      await cell.dispose();
      if (trackers.length > 0) await sync(directory, trackers);
    }
  } finally {
    if (out === undefined) await rm(root, { recursive: true, force: true });
  }
}

async function sync(directory: string, trackers: Awaited<ReturnType<typeof trackersOf>>): Promise<void> {
  const status = await syncRuns(directory, trackers);
  const { pending, problem = "the tracker does not say why." } = status;
  if (pending > 0) process.emitWarning(`${missing(status)}: ${problem}`, "EverlearnWarning");
}
