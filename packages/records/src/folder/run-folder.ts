import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { RunError } from "@everlearn/contracts";
import { type Result, sealOf } from "../receipt/receipt.js";
import { withFile, writeFile } from "./file.js";
import { releaseDead } from "./lock.js";
import { otherRun } from "./other-run.js";

/** The files in a run's folder, `OUT/<name>/seed-<n>`. */
export const runFiles = {
  journal: "journal.jsonl",
  checkpoint: "checkpoint.bin",
  result: "result.json",
  /** Why there is no result yet. */
  status: "status.json",
  /** The final θ, as NumPy reads it. */
  weights: "weights.npy",
  /** A picture of R. */
  picture: "accuracy.svg",
} as const;

/** The folders of runs below a folder, itself included: those called `seed-<n>` that hold a journal. */
export function runFolders(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const name = /(?:^|[\\/])seed-\d+[\\/]?$/;
  if (name.test(folder) && existsSync(join(folder, runFiles.journal))) return [folder];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "node_modules")
    .flatMap((entry) => runFolders(join(folder, entry.name)));
}

/** Seals a result and writes it into its run's folder. */
export function writeResult(directory: string, result: Omit<Result, "seal">): Result {
  // What is sealed is what can be read back: −0 is 0 there, and an absent value has no key.
  const plain = JSON.parse(JSON.stringify(result)) as Omit<Result, "seal">;
  const sealed = { ...plain, seal: sealOf({ ...plain }) } as Result;
  writeFile(join(directory, runFiles.result), `${JSON.stringify(sealed, null, 2)}\n`);
  return sealed;
}

/** The result of a cell's run in a folder, if it came to an end. @throws RunError where it is damaged, or another's */
export function readResult(directory: string, cellId: string): Result | undefined {
  const path = join(directory, runFiles.result);
  if (!existsSync(path)) return undefined;
  let result: Result | null;
  try {
    result = JSON.parse(withFile("read", path, () => readFileSync(path, "utf8"))) as Result | null;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new RunError(`The result "${path}" is damaged; delete it and --resume makes it again.`, { cause: error });
  }
  if (result?.cellId !== cellId) throw otherRun(path);
  return result;
}

/** Removes what a crash may leave beside a result: the last checkpoint, and locks of processes that have ended. */
export function tidy(directory: string): void {
  rmSync(join(directory, runFiles.checkpoint), { force: true });
  releaseDead(directory);
}
