import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Need } from "@everlearn/contracts";
import { type Composition, compose, type Fitting, planComposition, type TaskLabels, trackersOf } from "@everlearn/host";
import { type metrics, type Result, type RunOptions, run as runCell, StoppedError } from "@everlearn/runner";
import { packageRoot } from "./package-root.js";
import { sourceCommit } from "./source.js";
import { behindOf, send } from "./tracking/send.js";

/** At which seed a composition is run, and what is kept of it. */
export interface RunSettings extends Pick<RunOptions, "resume" | "checkpointEvery" | "signal" | "onProgress"> {
  /** From 0, which it is where nothing is said. */
  readonly seed?: number;
  /** Where the run's folder goes, as OUT/<name>/seed-<n>. Without it nothing is kept but the result. */
  readonly out?: string;
  /** The folder that holds data sets; without it `EVERLEARN_DATA`, then the user's cache. */
  readonly data?: string;
  /**
   * The file in which the run is composed, as `import.meta.url`: paths in options and packages are looked for from there,
   * and a plugin written in it, or in a file that it imports by a relative path, is known by their source.
   */
  readonly from?: string;
}

/** The result of a run that came to its end. */
export interface Finished extends Result {
  readonly status: "finished";
  readonly digest: string;
  /** Those that every run reports, and those of its own metrics. */
  readonly metrics: Readonly<Record<keyof typeof metrics, number | null>> & Result["metrics"];
  readonly predictions: NonNullable<Result["predictions"]>;
}

/** The result of a run that diverged, or used more than its budget: the same cell ends so each time. */
export interface Unfinished extends Result {
  readonly status: Exclude<Result["status"], "finished">;
  readonly message: string;
}

/** What a run that is composed in code ends with: `status` tells which. */
export type Outcome = Finished | Unfinished;

/**
 * Plans a run that is composed in code and runs it at one seed. A spec that says the same has the same specId, cellId and
 * digest, and `everlearn verify` takes what is left in `out`. Trackers are shown the run when it has ended; what they
 * could not bring over is told by a warning.
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
    from: [process.cwd(), packageRoot],
    folder: data === undefined ? undefined : resolve(data),
    seed,
  });
  const room = out ?? (await mkdtemp(join(tmpdir(), "everlearn-run-")));
  const directory = join(room, plan.spec.name, `seed-${seed}`);
  const trackers = await trackersOf(plan);
  try {
    const cell = await compose(plan, seed, { directory });
    try {
      return (await runCell(cell, { ...options, directory, commit: await sourceCommit() })) as Outcome;
    } finally {
      await cell.dispose();
      if (trackers.length > 0) await tell(directory, trackers);
    }
  } finally {
    if (out === undefined) await rm(room, { recursive: true, force: true });
  }
}

async function tell(directory: string, trackers: Awaited<ReturnType<typeof trackersOf>>): Promise<void> {
  const standing = await send(directory, trackers);
  const { pending, problem = "the tracker does not say why." } = standing;
  if (pending > 0) process.emitWarning(`${behindOf(standing)}: ${problem}`, "EverlearnWarning");
}
