import { dirname, join, resolve } from "node:path";
import { writeHeatMap } from "@everlearn/bench";
import { compose, type Plan, plan, readSpecs, type RunSpec } from "@everlearn/host";
import { accuracyPicture, formatPercent } from "@everlearn/leaderboard";
import { type Result, readResult, run, StoppedError } from "@everlearn/runner";
import { err, out } from "../color.js";
import { Failure } from "../failure.js";
import { packageRoot } from "../package-root.js";
import { displayPath } from "../display-path.js";
import { sourceCommit } from "../source.js";
import { summaryTable } from "../table.js";
import { follow } from "../tracking/follow.js";
import { trackedBy } from "../tracking/orders.js";
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

/** `everlearn run`: every run of every spec, seed by seed; then what they found, side by side. */
export async function runSpecs(files: readonly string[], options: RunArguments): Promise<void> {
  const read = (await Promise.all(files.map((file) => readSpecs(file)))).flat();
  const specs = trackedBy(chosen(read, options), options.tracker);
  // All plans first: a mistake in the last spec is found before the first has run for an hour.
  const plans: Plan[] = [];
  for (const spec of specs) {
    const from = [dirname(resolve(spec.source?.file ?? ".")), process.cwd(), packageRoot];
    plans.push(await plan(spec, { from, ...(options.data === undefined ? {} : { folder: resolve(options.data) }) }));
  }

  const watch = createWatch(process.stderr);
  const stop = new AbortController();
  const interrupt = () => {
    if (stop.signal.aborted) process.exit(130); // asked twice: at once
    stop.abort();
  };
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  const total = plans.reduce((sum, { spec }) => sum + (options.seeds ?? spec.seeds).length, 0);
  const results: Result[] = [];
  const failures: string[] = [];
  const following = await follow(specs, options.out);
  try {
    for (const plan of plans)
      for (const seed of options.seeds ?? plan.spec.seeds) {
        const result = await runSeed(plan, seed, options, stop.signal, watch).catch((error: unknown) => {
          watch.clear();
          throw error instanceof StoppedError ? new Failure(stopped(options.out), 130) : error;
        });
        results.push(result);
        if (result.message === undefined) continue;
        if (total === 1) throw new Failure(result.message);
        // The other runs have nothing to do with it.
        process.stderr.write(`${err.red("everlearn:")} ${result.message}\n`);
        failures.push(`${result.name} seed ${seed} (${result.status})`);
      }
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
    if (results.some(({ message }) => message === undefined))
      process.stdout.write(`\n${summaryTable(results)}\nResults: ${displayPath(resolve(options.out))}\n`);
    await following.end();
  }
  if (failures.length > 0)
    throw new Failure(`${failures.length} of ${total} runs did not finish: ${failures.join(", ")}.`);
}

/** The specs' runs, or those of them that are asked for. */
export function chosen(specs: readonly RunSpec[], { only }: Pick<RunArguments, "only">): readonly RunSpec[] {
  const names = specs.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new Failure(`Two runs are called "${twice}"; their results would share a folder. Rename one.`);
  const unknown = only?.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new Failure(`There is no run "${unknown}" in these specs; there are ${names.join(", ")}.`);
  return only ? specs.filter(({ name }) => only.includes(name)) : specs;
}

async function runSeed(
  plan: Plan,
  seed: number,
  options: RunArguments,
  signal: AbortSignal,
  watch: Watch,
): Promise<Result> {
  const directory = join(options.out, plan.spec.name, `seed-${seed}`);
  const cell = await compose(plan, seed, { directory });
  try {
    const earlier = readResult(directory, cell);
    const result = await run(cell, {
      directory,
      resume: options.resume,
      checkpointEvery: options.checkpointEvery,
      signal,
      commit: await sourceCommit(),
      onProgress: (progress) => watch.show(progress),
    });
    watch.clear();
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
  const how = earlier ? "finished before, not run again" : `in ${duration(seconds)}`;
  return `${out.green("✓")} ${out.bold(name)} seed ${seed}: RA ${formatPercent(ra)}, LA ${formatPercent(la)} ${out.dim(`· ${how} · digest ${digest.slice(0, 12)}`)}`;
}

function picture(result: Result): string {
  const width = Math.min(72, process.stdout.columns ?? 72);
  return accuracyPicture(result, { width, color: out.isColorSupported });
}

function stopped(out: string): string {
  return `Stopped; nothing is lost. Go on with the same command and --resume (results so far: ${displayPath(resolve(out))}).`;
}
