import { resolve } from "node:path";
import type { RunSpec } from "@everlearn/records";
import { assignTrackers, type SyncStatus, TrackerError, trackRuns, type Unsent } from "@everlearn/tracking";
import { Failure, warn } from "./failure.js";
import { searchPathOf } from "./search-path.js";
import { displayPath } from "./display-path.js";

/**
 * Starts to show runs to the trackers of their specs.
 * @param folder where the results go
 * @returns what ends it: waits for everything to arrive, half a minute at most, and says what has not and how to send it
 * @throws Failure where a tracker cannot be created
 */
export async function startTracking(specs: readonly RunSpec[], folder: string): Promise<() => Promise<void>> {
  try {
    const { finish } = await trackRuns(assignTrackers(specs, searchPathOf), folder);
    return async () => {
      const unsent = await finish();
      if (unsent) warn(unsentMessage(unsent, `everlearn sync ${folder}${specOption(specs)}`));
    };
  } catch (error) {
    throw error instanceof TrackerError ? new Failure(error.message) : error;
  }
}

function unsentMessage({ reason, status }: Unsent, command: string): string {
  const what = status ? missing(status) : "Nothing was sent to the trackers";
  const why = status?.problem ?? (reason === "timeout" ? "it takes too long." : "their process ended early.");
  return `${what}: ${why}\nNothing is lost: it is all in the journals. Send what is missing with: ${command}`;
}

/** Such as "1 of 3 runs is incomplete (1,204 values or files are missing)". */
export function missing({ runs, incomplete, pending }: SyncStatus): string {
  const things = `${pending.toLocaleString("en")} ${pending === 1 ? "value or file is" : "values or files are"} missing`;
  return `${incomplete} of ${runs} ${runs === 1 ? "run" : "runs"} ${incomplete === 1 ? "is" : "are"} incomplete (${things})`;
}

/** The option that names the specs again: trackers' options are in no journal, since they may hold passwords. */
function specOption(specs: readonly RunSpec[]): string {
  const withOptions = specs.filter(({ trackers }) => trackers.some((choice) => Object.keys(choice).length > 1));
  const files = new Set(withOptions.flatMap(({ source }) => (source ? [displayPath(resolve(source.file))] : [])));
  return files.size === 0 ? "" : ` --spec ${[...files].join(" ")}`;
}
