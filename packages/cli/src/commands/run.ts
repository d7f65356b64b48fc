import { join, resolve } from "node:path";
import { createCell, type Plan } from "@everlearn/composition";
import { StoppedError } from "@everlearn/contracts";
import { plan } from "@everlearn/host";
import { accuracyPicture, formatPercent } from "@everlearn/leaderboard";
import { missingWeights, type Result, readResult } from "@everlearn/records";
import { runCell } from "@everlearn/runner";
import { withTrackers } from "@everlearn/tracking";
import { out } from "../color.js";
import { Failure, warn } from "../failure.js";
import { writeHeatMap } from "../heat-map.js";
import { interruptible } from "../interrupt.js";
import { searchPathOf } from "../search-path.js";
import { displayPath } from "../display-path.js";
import { sourceCommit } from "../source.js";
import { readRuns, selectRuns } from "../specs.js";
import { summaryTable } from "../table.js";
import { startTracking } from "../tracking.js";
import { createWatch, duration, type Watch } from "../watch.js";

export interface RunArguments {
  readonly out: string;
  readonly seeds?: readonly number[];
  readonly only?: readonly string[];
  readonly resume: boolean;
  readonly data?: string;
  readonly checkpointEvery: number;
  readonly tracker?: readonly string[];
}

/** `everlearn run`: trains and evaluates every run of every spec, seed by seed, then compares them in a table. */
export async function runSpecs(files: readonly string[], options: RunArguments): Promise<void> {
  const specs = withTrackers(selectRuns(await readRuns(files), options.only), options.tracker);
  // All plans first: a mistake in the last spec is found before the first has run for an hour.
  const plans: Plan[] = [];
  for (const spec of specs)
    plans.push(
      await plan(spec, {
        from: searchPathOf(spec),
        ...(options.data === undefined ? {} : { folder: resolve(options.data) }),
      }),
    );
  const cells = plans.flatMap((plan) => (options.seeds ?? plan.spec.seeds).map((seed) => ({ plan, seed })));
  const results: Result[] = [];
  const endTracking = await startTracking(specs, options.out);
  try {
    await interruptible((signal) => runCells(cells, options, signal, results));
  } finally {
    if (results.some(({ message }) => message === undefined))
      process.stdout.write(`\n${summaryTable(results)}\nResults: ${displayPath(resolve(options.out))}\n`);
    await endTracking();
  }
  const failed = results.filter(({ message }) => message !== undefined);
  const names = failed.map(({ name, seed, status }) => `${name} seed ${seed} (${status})`);
  if (failed.length > 0)
    throw new Failure(`${failed.length} of ${cells.length} runs did not finish: ${names.join(", ")}.`);
}

interface PlannedCell {
  readonly plan: Plan;
  readonly seed: number;
}

/** Runs cells one after the other. @param results are added to as they come, so that they are there if a cell throws */
async function runCells(
  cells: readonly PlannedCell[],
  options: RunArguments,
  signal: AbortSignal,
  results: Result[],
): Promise<void> {
  const watch = createWatch(process.stderr);
  for (const cell of cells) {
    const result = await runSeed(cell, options, signal, watch).catch((error: unknown) => {
      watch.clear();
      throw error instanceof StoppedError ? new Failure(stopped(options.out), 130) : error;
    });
    results.push(result);
    if (result.message === undefined) continue;
    if (cells.length === 1) throw new Failure(result.message);
    warn(result.message); // the other runs have nothing to do with it
  }
}

async function runSeed(
  { plan, seed }: PlannedCell,
  options: RunArguments,
  signal: AbortSignal,
  watch: Watch,
): Promise<Result> {
  const directory = join(options.out, plan.spec.name, `seed-${seed}`);
  const cell = await createCell(plan, seed);
  try {
    const earlier = readResult(directory, cell);
    const result = await runCell(cell, {
      directory,
      resume: options.resume,
      checkpointEvery: options.checkpointEvery,
      signal,
      commit: await sourceCommit(),
      onProgress: (progress) => watch.show(progress),
      onWait: warn,
    });
    watch.clear();
    const missing = missingWeights(directory, result);
    if (missing !== undefined) warn(missing);
    if (result.status !== "finished") return result;
    writeHeatMap(directory, result);
    process.stdout.write(`${finishedLine(result, earlier !== undefined)}\n`);
    if (earlier === undefined && isLast(plan, seed, options)) process.stdout.write(`${picture(result)}\n`);
    return result;
  } finally {
    await cell.dispose();
  }
}

function isLast({ spec }: Plan, seed: number, { seeds = spec.seeds }: RunArguments): boolean {
  return seed === seeds[seeds.length - 1];
}

export function finishedLine(
  { name, seed, metrics, seconds, digest = "" }: Pick<Result, "name" | "seed" | "metrics" | "seconds" | "digest">,
  earlier: boolean,
): string {
  const { retainedAccuracy: ra, learningAccuracy: la } = metrics;
  const how = earlier ? "already finished, not run again" : `in ${duration(seconds)}`;
  return `${out.green("✓")} ${out.bold(name)} seed ${seed}: RA ${formatPercent(ra)}, LA ${formatPercent(la)} ${out.dim(`· ${how} · digest ${digest.slice(0, 12)}`)}`;
}

function picture(result: Result): string {
  const width = Math.min(72, process.stdout.columns ?? 72);
  return accuracyPicture(result, { width, color: out.isColorSupported });
}

function stopped(out: string): string {
  return `Stopped; nothing is lost. Continue with the same command and --resume (results so far: ${displayPath(resolve(out))}).`;
}
