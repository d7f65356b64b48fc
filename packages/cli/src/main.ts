import { Command, InvalidArgumentError } from "commander";
import { err } from "./color.js";
import { version } from "./version.js";

// Commands are imported when they are called: `--help` answers at once.

function seed(text: string): number {
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || !Number.isSafeInteger(value))
    throw new InvalidArgumentError(`A seed is an integer from 0 to ${Number.MAX_SAFE_INTEGER}.`);
  return value;
}

/** The most seeds that a range may have. */
const longest = 10_000;

/** Such as "7", "0-9" and "0,2,5-7", after those of the arguments before it. */
function seeds(text: string, before: readonly number[] = []): number[] {
  const all = [...before];
  for (const part of text.split(",")) {
    const [first, last = first] = part.split("-", 2).map(seed);
    if (part.split("-").length > 2 || last < first || last - first >= longest)
      throw new InvalidArgumentError(
        `A range is such as 0-9: its first seed, then its last, at most ${longest} in all.`,
      );
    for (let value = first; value <= last; value++) all.push(value);
  }
  if (new Set(all).size < all.length) throw new InvalidArgumentError("A seed is there twice.");
  return all;
}

function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0)) throw new InvalidArgumentError("A number of seconds from 0 is needed.");
  return value;
}

function count(text: string): number {
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || !Number.isSafeInteger(value) || value === 0)
    throw new InvalidArgumentError("A number from 1 is needed.");
  return value;
}

/** Commander's complaints as one sentence under our name. */
function complain(text: string, write: (text: string) => void): void {
  const [problem, ...more] = text
    .trim()
    .replace(/^error: /, "")
    .replace(/\.$/, "")
    .split("\n");
  write(`${err.red("everlearn:")} ${[problem, ...more].join(" ")}; everlearn --help says more.\n`);
}

// Whoever reads the output, such as `head`, may leave early.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

const program = new Command("everlearn")
  .description("A benchmark for continual learning: exact, fast, every part a plugin.")
  .version(version())
  .option("--debug", "show where an error came from")
  .configureOutput({ outputError: complain });

program
  .command("run")
  .description("train and evaluate what specs describe")
  .argument("<spec...>", "JSON files; see benchmarks/suites")
  .option("-o, --out <dir>", "where results go, as DIR/<name>/seed-<n>", "runs")
  .option("--seed, --seeds <n...>", "seeds to run instead of the spec's: 7, or 0-9, or 0,2,5-7", seeds)
  .option("--only <name...>", "run only these of the specs' runs")
  .option("-r, --resume", "go on where an earlier call stopped", false)
  .option("-d, --data <dir>", "the folder that holds data sets (default: EVERLEARN_DATA, or the user's cache)")
  .option("--checkpoint-every <seconds>", "working time between checkpoints within a task; 0: every batch", seconds, 10)
  .option("-t, --tracker <name...>", "send runs to these trackers too, such as mlflow")
  .action(async (specs: string[], options) => (await import("./commands/run.js")).runSpecs(specs, options));

program
  .command("bench")
  .description("run suites, each cell in a process of its own; a second call runs what is missing")
  .argument("<suite...>", "JSON files; see benchmarks/suites")
  .option("-j, --jobs <n>", "cells at once (default: as many as there are processors)", count)
  .option("-o, --out <dir>", "where results go, as DIR/<name>/seed-<n>", "runs")
  .option("--seed, --seeds <n...>", "seeds to run instead of the suites': 7, or 0-9, or 0,2,5-7", seeds)
  .option("--only <name...>", "run only these of the suites' runs")
  .option("-r, --resume", "go on where an earlier call stopped, as every call does, with or without it")
  .option("-d, --data <dir>", "the folder that holds data sets (default: EVERLEARN_DATA, or the user's cache)")
  .option("--checkpoint-every <seconds>", "working time between checkpoints within a task; 0: every batch", seconds, 10)
  .option("-t, --tracker <name...>", "send runs to these trackers too, such as mlflow")
  .option("--checks", "check the honesty of all runs (default: of a suite with a protocol, on ten seeds or more)")
  .option("--no-checks", "check none")
  .option("--patience <seconds>", "a cell that gives no sign of life for so long is given up", seconds, 1800)
  .action(async (suites: string[], options) => (await import("./commands/bench.js")).benchSuites(suites, options));

program
  .command("sync")
  .description("send runs to a tracker: what is missing, and nothing twice")
  .argument("[dir]", "the folder that was --out", "runs")
  .option("-t, --tracker <name>", "where to; without it the trackers of --spec, else mlflow")
  .option("-s, --spec <file...>", "the runs' specs, for trackers with options, which no journal says")
  .action(async (dir: string, options) => (await import("./commands/sync.js")).syncFolder(dir, options));

program
  .command("verify")
  .description("run receipts again and compare every bit")
  .argument("<results...>", "result.json files, packed receipts, and folders of them")
  .option("--sample <n>", "only so many of them, drawn at random", count)
  .option("--seed <n>", "which ones are drawn", seed, 0)
  .option("-d, --data <dir>", "the folder that holds data sets (default: EVERLEARN_DATA, or the user's cache)")
  .action(async (paths: string[], options) => (await import("./commands/verify.js")).verifyReceipts(paths, options));

program
  .command("receipts")
  .description("pack the receipts of runs, one small file for each run")
  .argument("<results...>", "result.json files, packed receipts, and folders of them")
  .requiredOption("-o, --out <dir>", "where the files go, as DIR/<name>.jsonl")
  .action(async (paths: string[], options) => (await import("./commands/receipts.js")).packReceipts(paths, options));

program
  .command("check")
  .description("try to catch runs at cheating: canary, batches, streams, task labels")
  .argument("<spec...>", "JSON files; see benchmarks/suites")
  .option("-o, --out <dir>", "where results go, as DIR/<name>/checks.json", "runs")
  .option("--only <name...>", "check only these of the specs' runs")
  .option("-d, --data <dir>", "the folder that holds data sets (default: EVERLEARN_DATA, or the user's cache)")
  .action(async (specs: string[], options) => (await import("./commands/check.js")).checkSpecs(specs, options));

program
  .command("leaderboard")
  .description("make a site and tables of receipts")
  .argument("<results...>", "result.json files, packed receipts, and folders of them")
  .requiredOption("-o, --out <dir>", "where the site goes: DIR/index.html, tables.md, tables.csv, tables.tex")
  .option("--title <text>", "what its first page is headed with")
  .action(async (paths: string[], options) =>
    (await import("./commands/leaderboard.js")).makeLeaderboard(paths, options),
  );

program
  .command("list")
  .description("list the installed plugins")
  .argument("[kind]", "dataset, stream, scenario, network, optimizer, buffer, learner, metric or tracker")
  .action(async (kind?: string) => (await import("./commands/list.js")).list(kind));

program
  .command("describe")
  .description("show a plugin's options with types, defaults, ranges and its paper")
  .argument("<name>", "a short name such as mer, or a package")
  .action(async (name: string) => (await import("./commands/describe.js")).describe(name));

program
  .command("doctor")
  .description("try what depends on this machine: plugins, data sets, and what backends can do")
  .action(async () => (await import("./commands/doctor.js")).doctor());

program
  .command("schema")
  .description("print the JSON Schema of specs with all plugins' options, for editors")
  .argument("[folder]", "where the specs are (default: here)")
  .action(async (folder?: string) => (await import("./commands/schema.js")).printSchema(folder));

program
  .command("new")
  .description("begin a plugin of your own: a package that runs, or a single file")
  .argument("<kind>", "dataset, stream, scenario, network, optimizer, buffer, learner, metric or tracker")
  .argument("<name>", "its short name, such as my-replay; the package is everlearn-<kind>-<name>")
  .option("--in <dir>", "write a single file to this folder instead of a package")
  .option("--scope <scope>", "the package's npm scope, such as @me")
  .action(async (kind: string, name: string, options) =>
    (await import("./commands/new.js")).createPlugin(kind, name, options),
  );

program
  .command("data")
  .description("get data sets")
  .command("fetch")
  .description("download a data set and check its SHA-256")
  .argument("<name>", "mnist")
  .option("-d, --data <dir>", "the folder to put it in (default: the user's cache)")
  .action(async (name: string, options) => (await import("./commands/data.js")).fetchData(name, options));

try {
  await program.parseAsync();
} catch (error) {
  const { report } = await import("./failure.js");
  process.exitCode = report(error, program.opts<{ debug?: boolean }>().debug ?? false);
}
