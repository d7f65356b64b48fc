import { type Assignment, assignTrackers, createTrackers, syncRuns, withTrackers } from "@everlearn/tracking";
import { Failure } from "../failure.js";
import { searchPath, searchPathOf } from "../search-path.js";
import { displayPath } from "../display-path.js";
import { readRuns } from "../specs.js";
import { missing } from "../tracking.js";

export interface SyncArguments {
  readonly tracker?: string;
  readonly spec?: readonly string[];
}

/** `everlearn sync`: sends a tracker whatever it does not have yet of the runs in a folder. */
export async function syncFolder(folder: string, { tracker, spec: files }: SyncArguments): Promise<void> {
  const assignments = files
    ? await assignmentsIn(files, tracker)
    : [{ choice: { use: tracker ?? "mlflow" }, searchPath: searchPath() }];
  const status = await syncRuns(folder, await createTrackers(assignments));
  const { runs, pending, problem = "the tracker does not say why." } = status;
  if (pending > 0) throw new Failure(`${missing(status)}: ${problem}\nThe same command continues from there.`);
  if (runs === 0)
    throw new Failure(`There are no runs in ${displayPath(folder)}; name the folder that was given as --out.`);
  process.stdout.write(runs === 1 ? "The run has arrived in full.\n" : `All ${runs} runs have arrived in full.\n`);
}

/** The trackers of specs, with the options that they have there. */
async function assignmentsIn(files: readonly string[], tracker: string | undefined): Promise<Assignment[]> {
  const specs = withTrackers(await readRuns(files), tracker === undefined ? [] : [tracker]);
  const assignments = assignTrackers(specs, searchPathOf);
  if (assignments.length === 0)
    throw new Failure(`There are no trackers in ${files.join(", ")}; name one with --tracker, such as mlflow.`);
  return assignments;
}
