import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createCell, type Plan } from "@everlearn/composition";
import { SpecError } from "@everlearn/contracts";
import { plan } from "@everlearn/host";
import { type FoundReceipt, type Receipt, type ReceiptPlugin, type Result, runsOf } from "@everlearn/records";
import { type Progress, runCell } from "@everlearn/runner";
import { type Comparison, compareResults } from "./comparison.js";

/** A receipt that was run again. */
export interface Verification extends FoundReceipt, Comparison {
  /**
   * How the identity of the new run differs from the receipt's, a sentence each: other versions of plugins, and options
   * that they did not have then. Its bits are compared all the same.
   */
  readonly identity: readonly string[];
  /** What the new run says otherwise, or why there is none, a sentence each; none: the receipt is true in all that was compared. */
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
const nothing = { identity: [], compared: [], leftOut: [] };

/**
 * Runs a receipt's cell again, from its own spec, and compares every field, bit for bit: accuracies, answers, parameters
 * (by the digest), counts. What the receipt leaves out is reported instead; the digest may not be left out. Where a plugin has
 * another version than in the receipt, or an option that it did not have then, that is reported, and the bits are compared
 * all the same.
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
  const differences = otherRun(receipt, planned);
  if (differences.length > 0) return { ...found, ...nothing, differences };
  const identity = otherIdentity(receipt, planned);

  const directory = await mkdtemp(join(tmpdir(), "everlearn-verify-"));
  const cell = await createCell(planned, receipt.seed);
  try {
    const result = await runCell(cell, {
      directory,
      ...(signal && { signal }),
      ...(onProgress && { onProgress }),
    });
    return { ...found, identity, result, ...compareResults(receipt, result) };
  } finally {
    await cell.dispose();
    await rm(directory, { recursive: true, force: true });
  }
}

/** What makes the run that is planned here another one than the receipt's, so that its bits say nothing. */
function otherRun(receipt: Receipt, planned: Plan): string[] {
  const { specId, checksum } = receipt;
  const differences = changed(receipt, planned, "name", "package").map((change) => `${change}: install that one.`);
  if (checksum !== undefined && checksum !== planned.dataset.checksum)
    differences.push(`checksum was ${checksum}, here the data set has ${planned.dataset.checksum}.`);
  if (differences.length > 0) return differences;
  const versions = changed(receipt, planned, "version");
  if (specId === planned.specId) return versions.map((change) => `${change}, of which specId is the hash.`);
  return versions.length > 0 || addedOptions(receipt, planned).length > 0
    ? []
    : ["specId does not follow from the spec: an option was changed, or everlearn itself computes otherwise since."];
}

/** How the identity differs although the run is the same: by versions, and by options that plugins have had since. */
function otherIdentity(receipt: Receipt, planned: Plan): string[] {
  if (receipt.specId === planned.specId) return [];
  return [...changed(receipt, planned, "version").map((change) => `${change}.`), ...addedOptions(receipt, planned)];
}

/** A receipt states every option that its plugins had: those that it does not state were added later. */
function addedOptions({ spec }: Receipt, planned: Plan): string[] {
  return Object.keys(planned.plugins).flatMap((place) => {
    const [then, here] = [choiceAt(spec, place), choiceAt(planned.spec, place)];
    if (then === undefined || here === undefined) return [];
    return Object.entries(here)
      .filter(([option]) => !Object.hasOwn(then, option))
      .map(([option, value]) => `spec/${place} has no ${option}; here it is ${JSON.stringify(value)}, by default.`);
  });
}

function choiceAt(spec: object, place: string): object | undefined {
  let at: unknown = spec;
  for (const step of place.split("/")) at = (at as Readonly<Record<string, unknown>> | undefined)?.[step];
  return at as object | undefined;
}

/** What the receipt says otherwise of the plugins, each the beginning of a sentence. Trackers change no run, and are left out. */
function changed({ plugins = {} }: Receipt, planned: Plan, ...fields: (keyof ReceiptPlugin)[]): string[] {
  return Object.entries(plugins).flatMap(([place, then]) => {
    if (place.startsWith("trackers/")) return [];
    const here = planned.plugins[place];
    return fields
      .filter((field) => then[field] !== here?.[field])
      .map((field) => `plugins/${place}/${field} was ${then[field]}, here it is ${here?.[field] ?? "absent"}`);
  });
}
