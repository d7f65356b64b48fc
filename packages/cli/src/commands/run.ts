import { join, resolve } from "node:path";
import { createProcessExecutor, type Executor, type PlannedRun } from "@everlearn/bench";
import { digest } from "@everlearn/digest";
import { accuracyPicture, confusionText, formatPercent } from "@everlearn/leaderboard";
import { missingWeights, type Result, type RunSpec, readResult } from "@everlearn/records";
import { withTrackers } from "@everlearn/tracking";
import { out } from "../color.js";
import { displayPath } from "../display-path.js";
import { Failure, warn } from "../failure.js";
import { writeHeatMap } from "../heat-map.js";
import { interruptible } from "../interrupt.js";
import { requestOf } from "../request.js";
import { searchPath } from "../search-path.js";
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
  const { out, data } = options;
  const executor = createProcessExecutor({
    out,
    from: searchPath(),
    ...(data === undefined ? {} : { data: resolve(data) }),
  });
  try {
    await runAll(specs, executor, options);
  } finally {
    await executor.close();
  }
}

async function runAll(specs: readonly RunSpec[], executor: Executor, options: RunArguments): Promise<void> {
  // All plans first: a mistake in the last spec is found before the first has run for an hour.
  const runs: PlannedRunSpec[] = [];
  for (const spec of specs)
    runs.push({ spec, planned: await executor.plan(requestOf(spec), { onOutput: (line) => print(line) }) });
  const cells = runs.flatMap((run) => (options.seeds ?? run.spec.seeds).map((seed) => ({ ...run, seed })));
  const results: Result[] = [];
  const endTracking = await startTracking(specs, options.out);
  try {
    await interruptible((signal) => runCells(cells, executor, options, signal, results));
  } finally {
    if (results.some(({ message }) => message === undefined))
      print(`\n${summaryTable(results)}\nResults: ${displayPath(resolve(options.out))}`);
    await endTracking();
  }
  const failed = results.filter(({ message }) => message !== undefined);
  const names = failed.map(({ name, seed, status }) => `${name} seed ${seed} (${status})`);
  if (failed.length > 0)
    throw new Failure(`${failed.length} of ${cells.length} runs did not finish: ${names.join(", ")}.`);
}

interface PlannedRunSpec {
  readonly spec: RunSpec;
  readonly planned: PlannedRun;
}

interface PlannedCell extends PlannedRunSpec {
  readonly seed: number;
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** Runs cells one after the other. @param results are added to as they come, so that they are there if a cell throws */
async function runCells(
  cells: readonly PlannedCell[],
  executor: Executor,
  options: RunArguments,
  signal: AbortSignal,
  results: Result[],
): Promise<void> {
  const watch = createWatch(process.stderr);
  for (const cell of cells) {
    const result = await runSeed(cell, executor, options, signal, watch).finally(() => watch.clear());
    results.push(result);
    if (result.message === undefined) continue;
    if (cells.length === 1) throw new Failure(result.message);
    warn(result.message); // the other runs have nothing to do with it
  }
}

async function runSeed(
  { spec, planned, seed }: PlannedCell,
  executor: Executor,
  options: RunArguments,
  signal: AbortSignal,
  watch: Watch,
): Promise<Result> {
  const { resume, checkpointEvery } = options;
  const { specId } = planned;
  const folder = join(spec.name, `seed-${seed}`);
  const directory = join(options.out, folder);
  const earlier = readResult(directory, { ...planned, seed, cellId: digest({ specId, seed }) });
  const request = { ...requestOf(spec), specId, seed, directory: folder, resume, checkpointEvery };
  const outcome = await executor.run(
    { ...request, commit: await sourceCommit() },
    {
      onProgress: (progress) => watch.show(progress),
      onOutput(line) {
        watch.clear();
        print(line);
      },
    },
    signal,
  );
  if (outcome.status === "stopped") throw new Failure(stopped(options.out), 130);
  if (!("result" in outcome)) throw new Failure(outcome.message, 1, "cause" in outcome ? outcome.cause : undefined);
  const { result } = outcome;
  watch.clear();
  const missing = missingWeights(directory, result);
  if (missing !== undefined) warn(missing);
  if (result.status !== "finished") return result;
  writeHeatMap(directory, result);
  print(finishedLine(result, earlier !== undefined));
  if (earlier === undefined && isLast(spec, seed, options)) print(picture(result));
  return result;
}

function isLast(spec: RunSpec, seed: number, { seeds = spec.seeds }: RunArguments): boolean {
  return seed === seeds[seeds.length - 1];
}

export function finishedLine(
  { name, seed, metrics, seconds, digest = "" }: Pick<Result, "name" | "seed" | "metrics" | "seconds" | "digest">,
  earlier: boolean,
): string {
  const { retainedAccuracy: ra, learningAccuracy: la, prequentialAccuracy: before } = metrics;
  const tested = `RA ${formatPercent(ra)}, LA ${formatPercent(la)}`;
  const asked = `prequential accuracy ${formatPercent(before)}`;
  const isAsked = typeof before === "number";
  const found = [...(isAsked && typeof ra !== "number" ? [] : [tested]), ...(isAsked ? [asked] : [])].join(", ");
  const how = earlier ? "already finished, not run again" : `in ${duration(seconds)}`;
  return `${out.green("✓")} ${out.bold(name)} seed ${seed}: ${found} ${out.dim(`· ${how} · digest ${digest.slice(0, 12)}`)}`;
}

function picture(result: Result): string {
  const width = Math.min(72, process.stdout.columns ?? 72);
  const options = { width, color: out.isColorSupported };
  const confusion = confusionText(result, options);
  const last = result.probe?.at(-1)?.flatMap((accuracy) => accuracy ?? []) ?? [];
  const mean = last.reduce((sum, accuracy) => sum + accuracy, 0) / last.length;
  return [
    accuracyPicture(result, options),
    ...(confusion === undefined ? [] : [confusion]),
    ...(last.length > 0 ? [`a linear probe of the network's features at the end: ${formatPercent(mean)}`] : []),
  ].join("\n");
}

function stopped(out: string): string {
  return `Stopped; nothing is lost. Continue with the same command and --resume (results so far: ${displayPath(resolve(out))}).`;
}
