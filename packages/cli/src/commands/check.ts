import { randomInt } from "node:crypto";
import { join, resolve } from "node:path";
import {
  checkedResult,
  createProcessExecutor,
  type Executor,
  type Honesty,
  isHonest,
  type Listener,
  type PlannedRun,
  writeChecks,
} from "@everlearn/bench";
import { formatPercent } from "@everlearn/leaderboard";
import type { RunSpec } from "@everlearn/records";
import { out as color } from "../color.js";
import { Failure } from "../failure.js";
import { interruptible } from "../interrupt.js";
import { requestOf } from "../request.js";
import { searchPath } from "../search-path.js";
import { readRuns, selectRuns } from "../specs.js";
import { createWatch, type Watch } from "../watch.js";

export interface CheckArguments {
  readonly out: string;
  readonly only?: readonly string[];
  readonly data?: string;
}

/** `everlearn check`: checks the honesty of each run of the specs. */
export async function checkSpecs(files: readonly string[], { out, only, data }: CheckArguments): Promise<void> {
  const specs = selectRuns(await readRuns(files), only);
  const executor = createProcessExecutor({
    out,
    from: searchPath(),
    ...(data === undefined ? {} : { data: resolve(data) }),
  });
  const failed: string[] = [];
  const watch = createWatch(process.stderr);
  try {
    const planned: PlannedRun[] = [];
    for (const spec of specs) planned.push(await executor.plan(requestOf(spec)));
    await interruptible(async (signal) => {
      for (const [i, spec] of specs.entries())
        if (!(await check(spec, planned[i], { executor, out, signal, watch }))) failed.push(spec.name);
    });
  } finally {
    watch.clear();
    await executor.close();
  }
  if (failed.length > 0) throw new Failure(`${failed.length} of ${specs.length} did not pass: ${failed.join(", ")}.`);
}

interface Checking {
  readonly executor: Executor;
  readonly out: string;
  readonly signal: AbortSignal;
  readonly watch: Watch;
}

/** Checks one run, writes OUT/<name>/checks.json and prints a line. @returns whether the run passed */
async function check(
  spec: RunSpec,
  { specId }: PlannedRun,
  { executor, out, signal, watch }: Checking,
): Promise<boolean> {
  const { name } = spec;
  const request = { ...requestOf(spec), specId };
  const listener: Listener = {
    onProgress: (progress) => watch.show(progress),
    onOutput(line) {
      watch.clear();
      process.stdout.write(`${line}\n`);
    },
  };
  const seed = spec.seeds[randomInt(spec.seeds.length)]; // no learner knows at which it must behave
  const ran = await executor.run({ ...request, seed, directory: `${name}/seed-${seed}` }, listener, signal);
  if (ran.status === "stopped") throw stopped();
  if (!("result" in ran)) throw new Failure(ran.message);
  const result = checkedResult(ran.result);
  const found = await executor.check({ ...request, result, directory: name }, listener, signal);
  if (found.status === "stopped") throw stopped();
  if (found.status !== "checked") throw new Failure(found.message);
  const directory = join(out, name);
  writeChecks(directory, found.honesty);
  watch.clear();
  process.stdout.write(`${honestyLine(name, found.honesty)}\n`);
  return isHonest(found.honesty);
}

const stopped = (): Failure => new Failure("Stopped; nothing is lost. The same command continues from there.", 130);

/** What the checks found, in a line. */
export function honestyLine(name: string, honesty: Honesty): string {
  const mark = isHonest(honesty) ? color.green("✓") : color.red("✗");
  return `${mark} ${color.bold(name)}: ${findings(honesty).join("; ")}`;
}

function findings({ canary, resume, batches, stream, taskLabels: { passed, granted, handed } }: Honesty): string[] {
  const { taught, untaught } = canary;
  return [
    canary.passed
      ? `it answers the labels that it was taught (${formatPercent(taught)} as taught, ${formatPercent(untaught)} as they truly are)`
      : `it knows labels that it was not taught (${formatPercent(taught)} as taught, ${formatPercent(untaught)} as they truly are)`,
    resume.passed
      ? "the same digest when another process continues it"
      : "another digest when another process continues it: it keeps something that it does not save",
    batches.passed
      ? `the same answers in batches of ${batches.sizes.join(", ")}`
      : "its answers depend on how they are batched",
    stream.passed ? "the same stream forwards and backwards" : "its stream depends on the order in which it is read",
    passed
      ? `task labels as granted (${granted})`
      : `more task labels than granted (${granted}): ${handed.training} in training, ${handed.test} at test, ${handed.boundaries} task boundaries`,
  ];
}
