import { Command, InvalidArgumentError } from "commander";
import { err } from "./color.js";
import { version } from "./version.js";

// Each command's module is imported when it is called, so that `--help` answers at once.

function parseSeed(text: string): number {
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || !Number.isSafeInteger(value))
    throw new InvalidArgumentError(`A seed is an integer from 0 to ${Number.MAX_SAFE_INTEGER}.`);
  return value;
}

/** The most seeds in a range. */
const longest = 10_000;

/** Such as "7", "0-9" and "0,2,5-7"; added to the seeds of earlier arguments. */
function parseSeeds(text: string, before: readonly number[] = []): number[] {
  const all = [...before];
  for (const part of text.split(",")) {
    const [first, last = first] = part.split("-", 2).map(parseSeed);
    if (part.split("-").length > 2 || last < first || last - first >= longest)
      throw new InvalidArgumentError(
        `A range is its first seed and its last, such as 0-9, with at most ${longest} seeds in all.`,
      );
    for (let value = first; value <= last; value++) all.push(value);
  }
  if (new Set(all).size < all.length) throw new InvalidArgumentError("A seed is given twice.");
  return all;
}

function parseSeconds(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0)) throw new InvalidArgumentError("It must be a number of seconds ≥ 0.");
  return value;
}

function parseCount(text: string): number {
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || !Number.isSafeInteger(value) || value === 0)
    throw new InvalidArgumentError("It must be an integer ≥ 1.");
  return value;
}

/** Writes Commander's errors as one sentence under the command's name. */
function reportUsageError(text: string, write: (text: string) => void): void {
  const [problem, ...more] = text
    .trim()
    .replace(/^error: /, "")
    .replace(/\.$/, "")
    .split("\n");
  write(`${err.red("everlearn:")} ${[problem, ...more].join(" ")}; see everlearn --help.\n`);
}

// The reader of the output, such as `head`, may stop reading early.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

const program = new Command("everlearn")
  .description("A benchmark for continual learning: exact, fast, every part a plugin.")
  .version(version())
  .option("--debug", "print the stack trace of an error")
  .configureOutput({ outputError: reportUsageError });

program
  .command("run")
  .description("train and evaluate the runs of specs")
  .argument("<spec...>", "JSON files; see benchmarks/suites")
  .option("-o, --out <dir>", "where results go, as DIR/<name>/seed-<n>", "runs")
  .option("--seed, --seeds <n...>", "seeds to run instead of the spec's: 7, or 0-9, or 0,2,5-7", parseSeeds)
  .option("--only <name...>", "run only the runs with these names")
  .option("-r, --resume", "continue where an earlier call stopped", false)
  .option("-d, --data <dir>", "the folder that holds data sets (default: EVERLEARN_DATA, or the user's cache)")
  .option(
    "--checkpoint-every <seconds>",
    "working time between checkpoints within a task; 0: after every batch",
    parseSeconds,
    10,
  )
  .option("-t, --tracker <name...>", "also send the runs to these trackers, such as mlflow")
  .action(async (specs: string[], options) => (await import("./commands/run.js")).runSpecs(specs, options));

program
  .command("bench")
  .description("run suites, each cell in a process of its own; a second call runs what is missing")
  .argument("<suite...>", "JSON files; see benchmarks/suites")
  .option("-j, --jobs <n>", "how many cells run at once (default: the number of processors)", parseCount)
  .option("-o, --out <dir>", "where results go, as DIR/<name>/seed-<n>", "runs")
  .option("--seed, --seeds <n...>", "seeds to run instead of the suites': 7, or 0-9, or 0,2,5-7", parseSeeds)
  .option("--only <name...>", "run only the runs with these names")
  .option("-r, --resume", "continue where an earlier call stopped, which bench does even without this option")
  .option("-d, --data <dir>", "the folder that holds data sets (default: EVERLEARN_DATA, or the user's cache)")
  .option(
    "--checkpoint-every <seconds>",
    "working time between checkpoints within a task; 0: after every batch",
    parseSeconds,
    10,
  )
  .option("-t, --tracker <name...>", "also send the runs to these trackers, such as mlflow")
  .option("--checks", "check the honesty of all runs (default: if the suite has a protocol and ten seeds or more)")
  .option("--no-checks", "do not check the honesty of any run")
  .option("--patience <seconds>", "give up a cell that shows no sign of life for this long", parseSeconds, 1800)
  .action(async (suites: string[], options) => (await import("./commands/bench.js")).benchSuites(suites, options));

program
  .command("sync")
  .description("send runs to a tracker: whatever it does not have yet")
  .argument("[dir]", "the folder that was given as --out", "runs")
  .option("-t, --tracker <name>", "the tracker (default: the trackers of --spec, or else mlflow)")
  .option("-s, --spec <file...>", "the specs of the runs, for the options of their trackers, which are not recorded")
  .action(async (dir: string, options) => (await import("./commands/sync.js")).syncFolder(dir, options));

program
  .command("verify")
  .description("run receipts again and compare every bit of what they measured, each in a fresh process")
  .argument("<results...>", "result.json files, packed receipts, and folders of them")
  .option("--sample <n>", "verify only this many, drawn at random", parseCount)
  .option("--seed <n>", "the seed of the draw and of the order", parseSeed, 0)
  .option(
    "--allow <package-or-path...>",
    "also run this code, which is not installed: a package beside the receipts, or a path in a spec",
  )
  .option("--patience <seconds>", "give up a cell that shows no sign of life for this long", parseSeconds, 1800)
  .option("--report <file>", "write what came out, sealed, for everlearn leaderboard --report")
  .option("--key <file>", "sign the report with this private key; see everlearn key new")
  .option("-d, --data <dir>", "the folder that holds data sets (default: EVERLEARN_DATA, or the user's cache)")
  .addHelpText(
    "after",
    `
Vouched for: the spec and plugins that ran, accuracies, answers, parameters (by the digest), metrics, task labels, and
counts of examples, gradients and bytes, as far as a receipt states them; what it leaves out is named. Not vouched for:
name, label, description, settings, suite, track, tuning source, trials, seconds, environment and commit.
Only installed packages run. Receipts that name other code are refused before any of it is loaded, unless --allow names it.`,
  )
  .action(async (paths: string[], options) => (await import("./commands/verify.js")).verifyReceipts(paths, options));

program
  .command("audit")
  .description("run submissions on data that only you know, and say who does there as well as promised")
  .argument("<submissions...>", "result.json files, packed receipts and folders of them, and specs")
  .requiredOption("-s, --secret <file>", "the secret, a data set that replaces theirs; see everlearn secret new")
  .option("-f, --reference <path...>", "receipts and specs of learners that you trust: they tell how hard the data are")
  .option("--rerun", "also run receipts again on their own data, and compare every bit", false)
  .option(
    "--seed, --seeds <n...>",
    "only these seeds of receipts, and these of specs: 7, or 0-9, or 0,2,5-7",
    parseSeeds,
  )
  .option("-o, --out <dir>", "where runs are recorded, to go on with; keep it to yourself", "audit")
  .option(
    "--allow <package-or-path...>",
    "also run this code, which is not installed: a package beside the submissions, or a path in a spec",
  )
  .option("-j, --jobs <n>", "how many submissions run at once", parseCount, 1)
  .option("--patience <seconds>", "give up a run that shows no sign of life for this long", parseSeconds, 1800)
  .option("--report <file>", "write what came out, sealed, for everlearn leaderboard --report")
  .option("--key <file>", "sign the report with this private key; see everlearn key new")
  .option("-d, --data <dir>", "the folder that holds data sets (default: EVERLEARN_DATA, or the user's cache)")
  .addHelpText(
    "after",
    `
A submission falls if it loses more on the secret data than the reference that loses most, by more than three standard
errors. The secret reaches no receipt, report, error message or learner; a report has its commitment, which everlearn
secret reveal checks once the secret is told. A learner's process runs with your rights, and could look for your files:
audit strangers in a container, or as a user who may not read them.`,
  )
  .action(async (paths: string[], options) => (await import("./commands/audit.js")).auditSubmissions(paths, options));

const secret = program.command("secret").description("make and reveal the secrets of audits");
const dataOption = [
  "-d, --data <dir>",
  "the folder that holds data sets (default: EVERLEARN_DATA, or the user's cache)",
] as const;

secret
  .command("new")
  .description("make a secret of digits that only you can draw, and print its commitment")
  .argument("<file>", "where the secret goes; it is never overwritten")
  .option("--train <n>", "how many training examples it has: as many as the suite's (default: 60000)", parseCount)
  .option("--test <n>", "how many test examples it has (default: 10000)", parseCount)
  .option(...dataOption)
  .action(async (file: string, options) => (await import("./commands/secret.js")).newSecret(file, options));

secret
  .command("commit")
  .description("print a secret's commitment: a hash, for everybody to know before the audit")
  .argument("<file>", "the secret: a JSON file with a data set and a salt")
  .option(...dataOption)
  .action(async (file: string, options) => (await import("./commands/secret.js")).printCommitment(file, options));

secret
  .command("reveal")
  .description("check that reports of audits were made with a secret that has been told")
  .argument("<file>", "the secret")
  .argument("<report...>", "reports of everlearn audit")
  .option(...dataOption)
  .action(async (file: string, reports: string[], options) =>
    (await import("./commands/secret.js")).revealSecret(file, reports, options),
  );

program
  .command("receipts")
  .description("pack receipts into one small file for each run")
  .argument("<results...>", "result.json files, packed receipts, and folders of them")
  .requiredOption("-o, --out <dir>", "where the files go, as DIR/<name>.jsonl")
  .action(async (paths: string[], options) => (await import("./commands/receipts.js")).packReceipts(paths, options));

program
  .command("check")
  .description("check the honesty of runs: random labels, batches, streams, task labels")
  .argument("<spec...>", "JSON files; see benchmarks/suites")
  .option("-o, --out <dir>", "where results go, as DIR/<name>/checks.json", "runs")
  .option("--only <name...>", "check only the runs with these names")
  .option("-d, --data <dir>", "the folder that holds data sets (default: EVERLEARN_DATA, or the user's cache)")
  .action(async (specs: string[], options) => (await import("./commands/check.js")).checkSpecs(specs, options));

program
  .command("leaderboard")
  .description("make a site and tables from receipts")
  .argument("<results...>", "result.json files, packed receipts, and folders of them")
  .requiredOption("-o, --out <dir>", "where the site goes: DIR/index.html, tables.md, tables.csv, tables.tex")
  .option("--title <text>", "the heading of its first page")
  .option(
    "--suite <file...>",
    "the suites' files: they say what is comparable, and in which settings (default: what most receipts agree on)",
  )
  .option("--report <file...>", "reports of everlearn verify and audit: rows are marked as re-run, audited or failed")
  .option("--trust <file...>", "public keys: only reports that are signed by one of them count")
  .option("-d, --data <dir>", "the folder that holds data sets (default: EVERLEARN_DATA, or the user's cache)")
  .action(async (paths: string[], options) =>
    (await import("./commands/leaderboard.js")).makeLeaderboard(paths, options),
  );

program
  .command("key")
  .description("make keys that sign reports of everlearn verify and audit")
  .command("new")
  .description("make a pair of Ed25519 keys: FILE, which stays with you, and FILE.pub")
  .argument("<file>", "where the private key goes; it is never overwritten")
  .action(async (file: string) => (await import("./commands/key.js")).newKey(file));

program
  .command("list")
  .description("list the installed plugins")
  .argument("[kind]", "dataset, stream, scenario, network, optimizer, augmentation, buffer, learner, metric or tracker")
  .action(async (kind?: string) => (await import("./commands/list.js")).list(kind));

program
  .command("describe")
  .description("show a plugin's paper, its needs, and its options with types, ranges and defaults")
  .argument("<name>", "a short name such as mer, or a package")
  .action(async (name: string) => (await import("./commands/describe.js")).describe(name));

program
  .command("doctor")
  .description("check that every plugin loads, and what works on this machine, such as backends")
  .action(async () => (await import("./commands/doctor.js")).doctor());

program
  .command("schema")
  .description("print a JSON Schema of specs for editors, with the options of all plugins")
  .argument("[folder]", "the folder of the specs (default: the working folder)")
  .action(async (folder?: string) => (await import("./commands/schema.js")).printSchema(folder));

program
  .command("new")
  .description("start a plugin of your own from working code: a package or a single file")
  .argument("<kind>", "dataset, stream, scenario, network, optimizer, augmentation, buffer, learner, metric or tracker")
  .argument("<name>", "its short name, such as my-replay; the package is everlearn-<kind>-<name>")
  .option("--in <dir>", "write a single file to this folder instead of a package")
  .option("--scope <scope>", "the package's npm scope, such as @me")
  .action(async (kind: string, name: string, options) =>
    (await import("./commands/new.js")).createPlugin(kind, name, options),
  );

program
  .command("data")
  .description("download data sets")
  .command("fetch")
  .description("download a data set and verify its checksums")
  .argument("<name>", "mnist, cifar10 or cifar100")
  .option("-d, --data <dir>", "the folder to put it in (default: the user's cache)")
  .action(async (name: string, options) => (await import("./commands/data.js")).fetchData(name, options));

try {
  await program.parseAsync();
} catch (error) {
  const { report } = await import("./failure.js");
  process.exitCode = report(error, program.opts<{ debug?: boolean }>().debug ?? false);
}
