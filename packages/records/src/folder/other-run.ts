import { RunError } from "@everlearn/contracts";

/** A folder, or a file in it, that another run left behind. */
export function otherRun(path: string): RunError {
  return new RunError(
    `"${path}" belongs to a run with another spec, seed, data set or plugin version; choose another folder with --out.`,
  );
}
