import { readFileSync, statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import type { Submission } from "@everlearn/bench";
import { completeSpec } from "@everlearn/composition";
import type { FoundReceipt } from "@everlearn/records";
import { Failure } from "./failure.js";
import { eachReceipt } from "./receipts.js";
import { readRuns } from "./specs.js";

/** Which submissions are read, and whether the organiser trusts them. */
export interface SubmissionOptions {
  readonly reference: boolean;
  /** The seeds to run; absent: those of the receipts, and of the specs. */
  readonly seeds?: readonly number[] | undefined;
}

/**
 * Reads submissions: receipts, in files and folders, and specs, a run at each of its seeds.
 * @throws Failure where there is none; SpecError where a file is neither
 */
export async function readSubmissions(
  paths: readonly string[],
  { reference, seeds }: SubmissionOptions,
): Promise<{ readonly submissions: readonly Submission[]; readonly rejected: number }> {
  const specs = paths.filter(isSpec);
  const receipts = paths.filter((path) => !isSpec(path));
  const all: Submission[] = [];
  const wanted = (seed: number) => seeds === undefined || seeds.includes(seed);
  for (const run of await readRuns(specs))
    for (const seed of seeds ?? run.seeds) all.push({ run, seed, where: run.source?.file ?? "", reference });
  const take = (found: FoundReceipt) => {
    if (wanted(found.receipt.seed)) all.push(submissionOf(found, reference));
  };
  const { rejected } = receipts.length > 0 ? await eachReceipt(receipts, take, { strangers: true }) : { rejected: 0 };
  if (all.length === 0)
    throw new Failure(`There are no receipts of seeds ${(seeds ?? []).join(", ")} in ${paths.join(", ")}.`);
  return { submissions: all, rejected };
}

function submissionOf({ receipt, where }: FoundReceipt, reference: boolean): Submission {
  const { trackers: _, ...spec } = receipt.spec;
  const run = completeSpec({ ...spec, name: receipt.name });
  return { run, seed: receipt.seed, where, receipt, reference };
}

/** Whether a file is a spec or a suite: whatever is no receipt is read as one, and refused with the reason. */
function isSpec(path: string): boolean {
  if (!path.endsWith(".json") || basename(path) === "result.json") return false;
  try {
    if (!statSync(path).isFile()) return false;
    return !("cellId" in (JSON.parse(readFileSync(path, "utf8")) as object));
  } catch {
    return false; // the reader of receipts says what is wrong
  }
}

/** The folder of a file of submissions, or the folder itself: packages in it are not installed. */
export function folderOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return resolve(found?.isFile() ? dirname(path) : path);
}
