import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createCell, type Plan } from "@everlearn/composition";
import { plan } from "@everlearn/host";
import { inThisProcess, type LearnerHandle } from "@everlearn/loop";
import { type Receipt, runsOf } from "@everlearn/records";
import { runCell } from "@everlearn/runner";
import { onTestFinished } from "vitest";

/** Where the plugins are found that come with the command. */
export const from: readonly string[] = [fileURLToPath(new URL("../../cli", import.meta.url))];

/** A new folder that goes when the test ends. */
export function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), "everlearn-bench-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A run that takes a tenth of a second. */
const small = {
  name: "small",
  dataset: { use: "glyphs", train: 400, test: 100 },
  stream: { use: "rotated", tasks: 3, examplesPerTask: 30 },
  network: { use: "mlp", hidden: [8] },
  learner: { use: "er", alpha: 0.05, k: 3 },
  buffer: { use: "reservoir", capacity: 20 },
};

/** The small run with changes, planned. */
export function planned(changes: object = {}): Promise<Plan> {
  return plan(runsOf({ ...small, ...changes }, "spec.json")[0], { from });
}

/** A learner that is made anew, and has nothing of an earlier one. */
export async function freshLearner(plan: Plan, seed: number): Promise<LearnerHandle> {
  const cell = await createCell(plan, seed);
  return { ...inThisProcess(cell), dispose: () => cell.dispose() };
}

/** Runs it into OUT/<name>/seed-<n>. @returns its result, as it is written there */
export async function ran(out: string, changes: object = {}, seed = 0): Promise<Receipt> {
  const made = await planned(changes);
  const directory = join(out, made.spec.name, `seed-${seed}`);
  const cell = await createCell(made, seed);
  try {
    await runCell(cell, { directory });
  } finally {
    await cell.dispose();
  }
  return JSON.parse(readFileSync(join(directory, "result.json"), "utf8")) as Receipt;
}
