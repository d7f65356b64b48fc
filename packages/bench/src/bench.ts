import { availableParallelism } from "node:os";
import type { RunSpec } from "@everlearn/composition";
import { checkRuns, type HonestyOptions } from "./check-runs.js";
import type { Executor } from "./executor.js";
import { createProcessExecutor } from "./process-executor.js";
import type { BenchReport } from "./report.js";
import { runCells, type ScheduleOptions } from "./run-cells.js";
import { planSuite } from "./suite.js";

/** Options of a suite: how it is run, and where its plugins and data are. */
export interface BenchOptions extends ScheduleOptions, Pick<HonestyOptions, "checks" | "onCheck"> {
  /** What runs the cells; by default processes of this machine. It is closed when the suite has ended. */
  readonly executor?: Executor | undefined;
  /** The folders in which plugins are looked for after a spec's own folder. */
  readonly from: readonly string[];
  /** The folder of data sets. */
  readonly folder?: string | undefined;
  /** How many cells run at once (as many as there are processors), from 1. */
  readonly jobs?: number | undefined;
  /** Seeds to run instead of the specs'. */
  readonly seeds?: readonly number[] | undefined;
  /** Seconds without a sign of life after which a cell is given up (1800). */
  readonly patience?: number | undefined;
}

/**
 * Runs the cells of a suite that have no result yet: every run at every seed in a process of its own, as many at once
 * as there are processors, those that take longest first. A cell that throws, crashes, or takes too much time or memory
 * has a status that says so, and touches no other; the next call tries it again. If it is killed at any moment, the
 * next call goes on from each cell's last checkpoint. Several calls may work into one folder, on one machine or many: each cell
 * is run by one of them, and the others wait for it where it is theirs too. Then the honesty of official runs is checked.
 * @throws SpecError with all that is wrong in the specs, before anything starts; RunError where `out` holds others'
 * results or cannot be written
 */
export async function bench(specs: readonly RunSpec[], options: BenchOptions): Promise<BenchReport> {
  const { out, from, folder, seeds, jobs = availableParallelism(), signal, onChange, onOutput, patience } = options;
  if (!Number.isInteger(jobs) || jobs < 1) throw new RangeError(`jobs is ${jobs}; give an integer from 1.`);
  const executor = options.executor ?? createProcessExecutor({ out, from, data: folder, patience });
  const stop = () => executor.stop();
  signal?.addEventListener("abort", stop);
  if (signal?.aborted) stop();
  const nothing: BenchReport = { cells: [], trials: [], choices: [], refused: [], checks: [], stopped: true };
  try {
    const onPlanned = (planned: number, runs: number) =>
      onChange?.(() => ({
        ...{ planned, runs, ended: 0, unfinished: 0, cells: 0, running: [] },
        ...{ checked: null, secondsLeft: null },
      }));
    const planning = planSuite(specs, executor, { seeds, jobs, onPlanned, onOutput });
    const entries = await planning.catch((error: unknown) => {
      if (signal?.aborted) return null;
      throw error;
    });
    if (entries === null || signal?.aborted) return nothing;
    const report = await runCells(entries, executor, { ...options, jobs });
    if (report.stopped) return { ...report, checks: [] };
    return { ...report, ...(await checkRuns(entries, report, executor, { ...options, jobs })) };
  } finally {
    signal?.removeEventListener("abort", stop);
    await executor.close();
  }
}
