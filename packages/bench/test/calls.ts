import { join } from "node:path";
import type { RunSpec } from "@everlearn/records";
import { type BenchOptions, bench } from "../src/bench.js";
import type { BenchReport } from "../src/report.js";
import { from } from "./fixture.js";
import { createLocalExecutor } from "./local-executor.js";

/** Replay from a small buffer. */
export const er = { name: "er", learner: { use: "er", alpha: 0.05, k: 3 }, buffer: { use: "reservoir", capacity: 10 } };

export interface Given {
  readonly folder: string;
  readonly specs: readonly RunSpec[];
}
/** Runs a suite in processes, as the command does. */
export const inProcesses = ({ folder, specs }: Given, options: Partial<BenchOptions> = {}): Promise<BenchReport> =>
  bench(specs, { out: join(folder, "out"), from, jobs: 2, ...options });
/** The same in this process, which is faster. */
export const into = (given: Given, options: Partial<BenchOptions> = {}): Promise<BenchReport> =>
  inProcesses(given, { executor: createLocalExecutor(join(given.folder, "out")), ...options });

/** How each cell ended, by its run and seed. */
export const states = ({ cells }: BenchReport) =>
  Object.fromEntries(cells.map(({ name, seed, status }) => [`${name} ${seed}`, status]));
