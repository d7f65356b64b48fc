import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { checkHonesty, type Honesty, isHonest } from "@everlearn/bench";
import type { Plan } from "@everlearn/composition";
import { StoppedError } from "@everlearn/contracts";
import { plan } from "@everlearn/host";
import { formatPercent } from "@everlearn/leaderboard";
import { seal, writeFile } from "@everlearn/records";
import { out as color } from "../color.js";
import { Failure } from "../failure.js";
import { interruptible } from "../interrupt.js";
import { searchPathOf } from "../search-path.js";
import { readRuns, selectRuns } from "../specs.js";
import { createWatch, type Watch } from "../watch.js";

export interface CheckArguments {
  readonly out: string;
  readonly only?: readonly string[];
  readonly data?: string;
}

/** `everlearn check`: checks the honesty of each run of the specs. */
export async function checkSpecs(files: readonly string[], options: CheckArguments): Promise<void> {
  const folder = options.data === undefined ? undefined : resolve(options.data);
  const plans: Plan[] = [];
  for (const spec of selectRuns(await readRuns(files), options.only))
    plans.push(await plan(spec, { from: searchPathOf(spec), folder }));
  const failed: string[] = [];
  const watch = createWatch(process.stderr);
  try {
    await interruptible(async (signal) => {
      for (const plan of plans) if (!(await check(plan, options.out, signal, watch))) failed.push(plan.spec.name);
    });
  } catch (error) {
    watch.clear();
    if (error instanceof StoppedError)
      throw new Failure("Stopped; nothing is lost. The same command continues from there.", 130);
    throw error;
  }
  if (failed.length > 0) throw new Failure(`${failed.length} of ${plans.length} did not pass: ${failed.join(", ")}.`);
}

/** Checks one run, writes OUT/<name>/checks.json and prints a line. @returns whether the run passed */
async function check(plan: Plan, out: string, signal: AbortSignal, watch: Watch): Promise<boolean> {
  const { name } = plan.spec;
  const directory = join(out, name);
  mkdirSync(directory, { recursive: true });
  const honesty = await checkHonesty(plan, { directory, signal, onProgress: (progress) => watch.show(progress) });
  writeFile(join(directory, "checks.json"), `${JSON.stringify(seal(honesty), null, 2)}\n`);
  watch.clear();
  process.stdout.write(`${honestyLine(name, honesty)}\n`);
  return isHonest(honesty);
}

/** What the checks found, in a line. */
export function honestyLine(name: string, honesty: Honesty): string {
  const mark = isHonest(honesty) ? color.green("✓") : color.red("✗");
  return `${mark} ${color.bold(name)}: ${findings(honesty).join("; ")}`;
}

function findings({ canary, batches, stream, taskLabels: { passed, granted, handed } }: Honesty): string[] {
  const { retainedAccuracy, chance, tolerance } = canary;
  return [
    `RA ${formatPercent(retainedAccuracy)} with random labels, where chance is ${formatPercent(chance)} ± ${formatPercent(tolerance)}`,
    batches.passed
      ? `the same answers in batches of ${batches.sizes.join(", ")}`
      : "its answers depend on how they are batched",
    stream.passed ? "the same stream forwards and backwards" : "its stream depends on the order in which it is read",
    passed
      ? `task labels as granted (${granted})`
      : `more task labels than granted (${granted}): ${handed.training} in training, ${handed.test} at test, ${handed.boundaries} task boundaries`,
  ];
}
