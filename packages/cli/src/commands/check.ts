import { mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { checkHonesty, type Honesty, isHonest } from "@everlearn/bench";
import { plan, readSpecs } from "@everlearn/host";
import { formatPercent } from "@everlearn/leaderboard";
import { StoppedError, writeFile } from "@everlearn/runner";
import { out as color } from "../color.js";
import { Failure } from "../failure.js";
import { packageRoot } from "../package-root.js";
import { createWatch } from "../watch.js";
import { chosen } from "./run.js";

export interface CheckArguments {
  readonly out: string;
  readonly only?: readonly string[];
  readonly data?: string;
}

/** `everlearn check`: tries to catch each run of the specs at cheating, or at depending on what it must not. */
export async function checkSpecs(files: readonly string[], options: CheckArguments): Promise<void> {
  const specs = chosen((await Promise.all(files.map((file) => readSpecs(file)))).flat(), options);
  const folder = options.data === undefined ? undefined : resolve(options.data);
  const plans = [];
  for (const spec of specs)
    plans.push(
      await plan(spec, { from: [dirname(resolve(spec.source?.file ?? ".")), process.cwd(), packageRoot], folder }),
    );
  const watch = createWatch(process.stderr);
  const stop = new AbortController();
  const interrupt = () => {
    if (stop.signal.aborted) process.exit(130); // asked twice: at once
    stop.abort();
  };
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  const caught: string[] = [];
  try {
    for (const plan of plans) {
      const { name } = plan.spec;
      const directory = join(options.out, name);
      mkdirSync(directory, { recursive: true });
      const honesty = await checkHonesty(plan, {
        directory,
        signal: stop.signal,
        onProgress: (progress) => watch.show(progress),
      });
      writeFile(join(directory, "checks.json"), `${JSON.stringify(honesty, null, 2)}\n`);
      watch.clear();
      if (!isHonest(honesty)) caught.push(name);
      process.stdout.write(`${honestyLine(name, honesty)}\n`);
    }
  } catch (error) {
    watch.clear();
    if (error instanceof StoppedError) throw new Failure("Stopped; nothing is lost. Go on with the same command.", 130);
    throw error;
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
  if (caught.length > 0) throw new Failure(`${caught.length} of ${plans.length} did not pass: ${caught.join(", ")}.`);
}

/** What was found of a run, in a line. */
export function honestyLine(name: string, honesty: Honesty): string {
  const mark = isHonest(honesty) ? color.green("✓") : color.red("✗");
  return `${mark} ${color.bold(name)}: ${sentences(honesty).join("; ")}`;
}

function sentences({ canary, batches, stream, taskLabels: { passed, granted, handed } }: Honesty): string[] {
  const { retainedAccuracy, chance, tolerance } = canary;
  return [
    `on labels drawn at random RA ${formatPercent(retainedAccuracy)}, guessing ${formatPercent(chance)} ± ${formatPercent(tolerance)}`,
    batches.passed
      ? `the same answers in batches of ${batches.sizes.join(", ")}`
      : "its answers depend on the batch that they are asked in",
    stream.passed ? "the same stream forwards and backwards" : "its stream depends on the order in which it is read",
    passed
      ? `task labels as granted (${granted})`
      : `task labels beyond what is granted (${granted}): ${handed.training} in training, ${handed.test} at test, ${handed.boundaries} ends of tasks`,
  ];
}
