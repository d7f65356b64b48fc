import { resolve } from "node:path";
import { type BenchReport, bench, type CellEnd, type CheckEnd } from "@everlearn/bench";
import { readSpecs } from "@everlearn/host";
import { createBoard } from "../board.js";
import { err } from "../color.js";
import { Failure } from "../failure.js";
import { packageRoot } from "../package-root.js";
import { displayPath } from "../display-path.js";
import { sourceCommit } from "../source.js";
import { summaryTable } from "../table.js";
import { follow } from "../tracking/follow.js";
import { trackedBy } from "../tracking/orders.js";
import { honestyLine } from "./check.js";
import { chosen, finishedLine } from "./run.js";

export interface BenchArguments {
  readonly jobs?: number;
  readonly out: string;
  readonly seeds?: readonly number[];
  readonly only?: readonly string[];
  readonly data?: string;
  readonly checkpointEvery: number;
  readonly patience: number;
  readonly tracker?: readonly string[];
  readonly checks?: boolean;
}

/** The most lines that are written about cells that are not finished. */
const MOST = 50;

/** `everlearn bench`: what is missing of suites, in parallel; then what they found, side by side. */
export async function benchSuites(files: readonly string[], options: BenchArguments): Promise<void> {
  const read = (await Promise.all(files.map((file) => readSpecs(file)))).flat();
  const specs = trackedBy(chosen(read, options), options.tracker);
  const board = createBoard(process.stderr);
  const stop = new AbortController();
  const interrupt = () => {
    if (stop.signal.aborted) process.exit(130); // asked twice: at once; the cells' processes end with this one
    stop.abort();
  };
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  const say = (stream: NodeJS.WriteStream, text: string) => {
    board.clear();
    stream.write(`${text}\n`);
  };
  const following = await follow(specs, options.out);
  let report: BenchReport | undefined;
  try {
    report = await bench(specs, {
      out: options.out,
      from: [process.cwd(), packageRoot],
      folder: options.data === undefined ? undefined : resolve(options.data),
      jobs: options.jobs,
      seeds: options.seeds,
      checkpointEvery: options.checkpointEvery,
      patience: options.patience,
      checks: options.checks,
      commit: await sourceCommit(),
      signal: stop.signal,
      onChange: (look) => board.show(look),
      onOutput: (line, name) => say(process.stderr, `${name}: ${line}`),
      onEnd: (end) => say(process.stdout, endLine(end)),
      onCheck: (end) => say(process.stdout, checkLine(end)),
    });
  } finally {
    board.clear();
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
    if (!report) await following.end();
  }
  try {
    tell(report, options.out);
  } finally {
    await following.end();
  }
}

function tell({ cells, trials, refused, checks, stopped }: BenchReport, out: string): void {
  const all = [...trials, ...cells];
  const earlier = all.filter((end) => end.earlier).length;
  if (earlier > 0) process.stdout.write(`${earlier} of ${all.length} cells had ended before.\n`);
  const results = cells.flatMap(({ result }) => result ?? []);
  if (results.some(({ status }) => status === "finished"))
    process.stdout.write(`\n${summaryTable(results)}\nResults: ${displayPath(resolve(out))}\n`);
  if (stopped)
    throw new Failure(
      `Stopped; nothing is lost. Go on with the same command (results so far: ${displayPath(resolve(out))}).`,
      130,
    );
  const unfinished = all.filter(({ status }) => status !== "finished");
  const lines = unfinished.map((end) => `  ${who(end)}: ${end.status}. ${end.message}`);
  if (lines.length > MOST) lines.splice(MOST, Infinity, `  … and ${lines.length - MOST} more.`);
  lines.push(...refused.map(({ message }) => `  ${message}`));
  if (unfinished.length > 0)
    throw new Failure(`${unfinished.length} of ${all.length} cells did not finish:\n${lines.join("\n")}${again(all)}`);
  if (refused.length > 0) throw new Failure(`Not all options could be chosen:\n${lines.join("\n")}`);
  if (checks.length > 0) tellChecks(checks);
}

function tellChecks(checks: readonly CheckEnd[]): void {
  const caught = checks.filter(({ status }) => status !== "honest");
  const which = checks.length === 1 ? "the run" : `all ${checks.length} runs`;
  if (caught.length === 0) process.stdout.write(`The honesty checks of ${which} passed.\n`);
  else
    throw new Failure(
      `Of ${checks.length} runs ${caught.length} did not pass the honesty checks:\n${caught.map((end) => `  ${checkLine(end)}`).join("\n")}`,
    );
}

function checkLine({ name, status, honesty, message }: CheckEnd): string {
  return honesty ? honestyLine(name, honesty) : `${err.red("✗")} ${name}: honesty checks ${status}. ${message}`;
}

function again(all: readonly CellEnd[]): string {
  return all.some(({ result }) => !result) ? "\nThe same command tries those again that have no result." : "";
}

function endLine(end: CellEnd): string {
  if (end.result?.status === "finished") return `${finishedLine(end.result, false)}${trialOf(end)}`;
  return `${err.red("✗")} ${who(end)}: ${end.status}`;
}

function who(end: CellEnd): string {
  return `${end.name} seed ${end.seed}${trialOf(end)}`;
}

function trialOf({ trial }: CellEnd): string {
  if (!trial) return "";
  const options = Object.entries(trial).map(([path, value]) => `${path} = ${JSON.stringify(value)}`);
  return ` (trial: ${options.join(", ")})`;
}
