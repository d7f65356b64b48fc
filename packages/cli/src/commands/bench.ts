import { resolve } from "node:path";
import { type BenchReport, bench, type CellEnd, type CheckEnd } from "@everlearn/bench";
import { edgeText, formatPercent, optionsText, winnerOf } from "@everlearn/leaderboard";
import { withTrackers } from "@everlearn/tracking";
import { createBoard } from "../board.js";
import { err } from "../color.js";
import { Failure } from "../failure.js";
import { writeHeatMap } from "../heat-map.js";
import { interruptible } from "../interrupt.js";
import { searchPath } from "../search-path.js";
import { displayPath } from "../display-path.js";
import { sourceCommit } from "../source.js";
import { readRuns, selectRuns } from "../specs.js";
import { summaryTable } from "../table.js";
import { startTracking } from "../tracking.js";
import { honestyLine } from "./check.js";
import { finishedLine } from "./run.js";

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

/** The most unfinished cells that are listed. */
const MOST = 50;

/** `everlearn bench`: runs in parallel whatever is missing of suites, then compares their runs in a table. */
export async function benchSuites(files: readonly string[], options: BenchArguments): Promise<void> {
  const specs = withTrackers(selectRuns(await readRuns(files), options.only), options.tracker);
  const board = createBoard(process.stderr);
  const print = (stream: NodeJS.WriteStream, text: string) => {
    board.clear();
    stream.write(`${text}\n`);
  };
  const endTracking = await startTracking(specs, options.out);
  try {
    const commit = await sourceCommit();
    const report = await interruptible((signal) =>
      bench(specs, {
        out: options.out,
        from: searchPath(),
        folder: options.data === undefined ? undefined : resolve(options.data),
        jobs: options.jobs,
        seeds: options.seeds,
        checkpointEvery: options.checkpointEvery,
        patience: options.patience,
        checks: options.checks,
        commit,
        signal,
        onChange: (look) => board.show(look),
        onOutput: (line, name) => print(process.stderr, `${name}: ${line}`),
        onEnd: (end) => {
          drawPicture(end);
          print(process.stdout, endLine(end));
        },
        onCheck: (end) => print(process.stdout, checkLine(end)),
      }),
    ).finally(() => board.clear());
    // A crash may have come between a result and its picture.
    for (const end of [...report.cells, ...report.trials]) if (end.earlier) drawPicture(end);
    printReport(report, options.out);
  } finally {
    await endTracking();
  }
}

function drawPicture({ directory, result }: CellEnd): void {
  if (result) writeHeatMap(directory, result);
}

/** @throws Failure where not everything finished and passed its checks */
function printReport({ cells, trials, choices, refused, checks, stopped }: BenchReport, out: string): void {
  const all = [...trials, ...cells];
  const earlier = all.filter((end) => end.earlier).length;
  if (earlier > 0) process.stdout.write(`${earlier} of ${all.length} cells had already ended.\n`);
  printChoices(choices);
  const results = cells.flatMap(({ result }) => result ?? []);
  if (results.some(({ status }) => status === "finished"))
    process.stdout.write(`\n${summaryTable(results)}\nResults: ${displayPath(resolve(out))}\n`);
  if (stopped)
    throw new Failure(
      `Stopped; nothing is lost. Continue with the same command (results so far: ${displayPath(resolve(out))}).`,
      130,
    );
  const unfinished = all.filter(({ status }) => status !== "finished");
  const lines = unfinished.map((end) => `  ${cellName(end)}: ${end.status}. ${end.message}`);
  if (lines.length > MOST) lines.splice(MOST, Infinity, `  … and ${lines.length - MOST} more.`);
  lines.push(...refused.map(({ message }) => `  ${message}`));
  if (unfinished.length > 0)
    throw new Failure(
      `${unfinished.length} of ${all.length} cells did not finish:\n${lines.join("\n")}${retryHint(all)}`,
    );
  if (refused.length > 0) throw new Failure(`Some options could not be chosen:\n${lines.join("\n")}`);
  if (checks.length > 0) printChecks(checks);
}

/** What searches chose, with a warning where the best of a number is at the edge of what was tried. */
function printChoices(choices: BenchReport["choices"]): void {
  for (const choice of choices) {
    const winner = winnerOf(choice);
    if (!winner) continue;
    const mean = `${formatPercent(winner.mean)} over ${choice.seeds.length} seeds`;
    process.stdout.write(`${choice.run}: chosen ${optionsText(winner.options)} (trials: ${mean})\n`);
    for (const edge of winner.edges) process.stderr.write(`${choice.run}: ${edgeText(edge)}\n`);
  }
}

function printChecks(checks: readonly CheckEnd[]): void {
  const failed = checks.filter(({ status }) => status !== "honest");
  const which = checks.length === 1 ? "the run" : `all ${checks.length} runs`;
  if (failed.length === 0) process.stdout.write(`The honesty checks of ${which} passed.\n`);
  else
    throw new Failure(
      `${failed.length} of ${checks.length} runs did not pass the honesty checks:\n${failed.map((end) => `  ${checkLine(end)}`).join("\n")}`,
    );
}

function checkLine({ name, status, honesty, message }: CheckEnd): string {
  return honesty ? honestyLine(name, honesty) : `${err.red("✗")} ${name}: honesty checks ${status}. ${message}`;
}

function retryHint(all: readonly CellEnd[]): string {
  return all.some(({ result, status }) => !result && status !== "damaged")
    ? "\nThe same command retries those that have no result."
    : "";
}

function endLine(end: CellEnd): string {
  if (end.result?.status === "finished") return `${finishedLine(end.result, false)}${trialOf(end)}`;
  return `${err.red("✗")} ${cellName(end)}: ${end.status}`;
}

function cellName(end: CellEnd): string {
  return `${end.name} seed ${end.seed}${trialOf(end)}`;
}

function trialOf({ trial }: CellEnd): string {
  return trial ? ` (trial: ${optionsText(trial)})` : "";
}
