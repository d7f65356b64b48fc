import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { compose, type Plan, plan, runsOf, SpecError } from "@everlearn/host";
import type { Receipt } from "@everlearn/leaderboard";
import { type Progress, type Result, run } from "@everlearn/runner";
import { type Comparison, compareResults } from "./comparison.js";
import type { FoundReceipt } from "./parsed.js";

/** A receipt that was run again. */
export interface Verification extends FoundReceipt, Comparison {
  /** What the new run says otherwise, a sentence each; none: the receipt is true in all that was compared. */
  readonly differences: readonly string[];
  /** The new run's; absent where the receipt's run could not be put together. */
  readonly result?: Result;
}

/** Where a receipt's plugins and data are, and who hears of its re-run. */
export interface VerifyOptions {
  /** Where plugins are looked for before the receipt's own folder; paths in its spec are relative to the first. */
  readonly from: readonly string[];
  /** The folder that holds data sets. */
  readonly folder?: string | undefined;
  readonly signal?: AbortSignal;
  /** Hears how far the re-run is. */
  readonly onProgress?: (progress: Progress) => void;
}

/** Before anything ran. */
const nothing = { compared: [], leftOut: [] };

/**
 * Runs a receipt's cell again, from its own spec, and compares every field, bit for bit: accuracies, answers, parameters
 * (by the digest), counts. What the receipt does not say is not compared, and told; the digest it must say.
 * @throws StoppedError where the signal aborts; RunError where the run fails for a reason of this machine's
 */
export async function verify(found: FoundReceipt, options: VerifyOptions): Promise<Verification> {
  const { receipt, where } = found;
  const { from, folder, signal, onProgress } = options;
  let planned: Plan;
  try {
    // A receipt's spec is as untrusted as any other.
    const { trackers: _, ...spec } = receipt.spec;
    const [run] = runsOf({ ...spec, trackers: [], seeds: [receipt.seed] }, where);
    planned = await plan(run, { from: [...from, dirname(where)], folder });
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    return { ...found, ...nothing, differences: error.problems };
  }
  const differences = identityDifferences(receipt, planned);
  if (differences.length > 0) return { ...found, ...nothing, differences };

  const directory = await mkdtemp(join(tmpdir(), "everlearn-verify-"));
  const cell = await compose(planned, receipt.seed, { directory });
  try {
    const result = await run(cell, {
      directory,
      ...(signal && { signal }),
      ...(onProgress && { onProgress }),
    });
    return { ...found, result, ...compareResults(receipt, result) };
  } finally {
    await cell.dispose();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Why the spec, as it is planned here, is not the receipt's. */
function identityDifferences({ specId, plugins = {}, checksum }: Receipt, planned: Plan): string[] {
  if (specId === planned.specId) return [];
  const differences = Object.entries(planned.plugins)
    .filter(([place]) => !place.startsWith("trackers/"))
    .flatMap(([place, here]) => {
      const then = plugins[place];
      if (!then) return [];
      return (["package", "version"] as const)
        .filter((field) => here[field] !== then[field])
        .map((field) => `plugins/${place}/${field} was ${then[field]}, here it is ${here[field]}: install that one.`);
    });
  if (checksum !== undefined && checksum !== planned.dataset.checksum)
    differences.push(`checksum was ${checksum}, here the data set has ${planned.dataset.checksum}.`);
  return differences.length > 0
    ? differences
    : ["specId does not follow from the spec: an option was changed, or everlearn itself computes otherwise since."];
}
