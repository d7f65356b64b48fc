import { existsSync } from "node:fs";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { RunError, type State } from "@everlearn/contracts";
import { sha256 } from "@everlearn/digest";
import { readBytes, withFile, writeFile } from "./file.js";
import { otherRun } from "./other-run.js";
import { runFiles } from "./run-files.js";

/** Everything that a run needs to go on to the same bits. */
export interface Checkpoint<L = unknown> {
  readonly cellId: string;
  /** The loop's state: its position, and what it has found so far. */
  readonly loop: L;
  /** The checksum of the journal up to this moment, see `Journal.sum`; absent where the journal was none of this run's. */
  readonly journal?: string | undefined;
  /** The losses since the journal's last record of training. */
  readonly losses: { readonly sum: number; readonly batches: number };
  /** What the learner's processes took so far, where the system tells. */
  readonly usage?: { readonly cpuSeconds: number; readonly peakBytes: number } | undefined;
  /** Working time so far. */
  readonly seconds: number;
  /** The saved state of each part, by its place. */
  readonly parts: Readonly<Record<string, State>>;
}

/** The number changes with the shape of a checkpoint. It is part of the checksum behind it, as it was not before 5. */
const HEADER = "everlearn checkpoint 6 ";
const EARLIER = [1, 2, 3, 4, 5].map((version) => `everlearn checkpoint ${version} `);

const headerOf = (content: Uint8Array): string => `${HEADER}${sha256(HEADER, content)}\n`;

/** Writes a run's checkpoint into its folder. */
export function writeCheckpoint(directory: string, checkpoint: Checkpoint): void {
  const content = serialize(checkpoint);
  writeFile(join(directory, runFiles.checkpoint), Buffer.concat([Buffer.from(headerOf(content)), content]));
}

/** The checkpoint in a run's folder. @returns undefined where there is none @throws RunError where it is damaged or of another run */
export function readCheckpoint<L>(directory: string, cellId: string): Checkpoint<L> | undefined {
  const path = join(directory, runFiles.checkpoint);
  if (!existsSync(path)) return undefined;
  const bytes = withFile("read", path, () => readBytes(path));
  const start = HEADER.length + 65;
  const content = bytes.subarray(start);
  // The checksum comes first: nothing is deserialised that we did not write whole.
  const header = bytes.toString("latin1", 0, start);
  if (header !== headerOf(content)) {
    const isOf = (earlier: string) =>
      [sha256(content), sha256(earlier, content)].some((sum) => header === `${earlier}${sum}\n`);
    throw new RunError(
      EARLIER.some(isOf)
        ? `The checkpoint "${path}" is of an earlier version of everlearn; go on with that one, or delete it and --resume starts this run from the beginning.`
        : `The checkpoint "${path}" is damaged; delete it and --resume starts this run from the beginning, its journal kept.`,
    );
  }
  const checkpoint = deserialized<L>(content, path);
  if (checkpoint.cellId !== cellId) throw otherRun(path);
  return checkpoint;
}

function deserialized<L>(content: Uint8Array, path: string): Checkpoint<L> {
  try {
    return deserialize(content) as Checkpoint<L>;
  } catch (error) {
    throw new RunError(
      `The checkpoint "${path}" is whole, but Node ${process.version} cannot read it; go on with the version of Node that wrote it, or a later one.`,
      { cause: error },
    );
  }
}
