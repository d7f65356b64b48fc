import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { deserialize, serialize } from "node:v8";
import type { Glance, State } from "@everlearn/contracts";
import { RunError } from "./error.js";
import { withFile, writeFile } from "./file.js";
import type { Losses } from "./meter.js";
import type { TaskLabels } from "./result.js";

/** All that a run needs to go on with the same bits. */
export interface Checkpoint {
  readonly cellId: string;
  /** The experience that comes next, or is under way: their number when all are done. */
  readonly experience: number;
  /** The experience's next training example. */
  readonly index: number;
  /** The tasks that have come so far. */
  readonly come: readonly number[];
  readonly accuracy: readonly (readonly (number | null)[])[];
  readonly initial: readonly number[];
  readonly glances: readonly Glance[];
  /** The answers of the last evaluation. */
  readonly predictions: Uint16Array;
  /** The most bytes that the parts kept so far. */
  readonly bytes: number;
  /** Handed to the learner so far. */
  readonly taskLabels: TaskLabels;
  readonly losses: Losses;
  /** Working time so far. */
  readonly seconds: number;
  readonly parts: Readonly<Record<string, State>>;
}

/** The number changes with the shape of a checkpoint. */
const HEADER = "everlearn checkpoint 4 ";
const EARLIER = [1, 2, 3].map((version) => `everlearn checkpoint ${version} `);

export function writeCheckpoint(path: string, checkpoint: Checkpoint): void {
  const content = serialize(checkpoint);
  writeFile(path, Buffer.concat([Buffer.from(`${HEADER}${sha256(content)}\n`), content]));
}

/** @returns undefined where there is none @throws RunError where it is damaged or of another run */
export function readCheckpoint(path: string, cellId: string): Checkpoint | undefined {
  if (!existsSync(path)) return undefined;
  const bytes = withFile("read", path, () => readFileSync(path));
  const start = HEADER.length + 65;
  const content = bytes.subarray(start);
  // The checksum comes first: nothing is deserialised that we did not write whole.
  const header = bytes.toString("latin1", 0, start);
  const sum = `${sha256(content)}\n`;
  if (EARLIER.some((earlier) => header === `${earlier}${sum}`))
    throw new RunError(
      `The checkpoint "${path}" is of an earlier version of everlearn; go on with that one, or delete it and --resume starts this run from the beginning.`,
    );
  if (header !== `${HEADER}${sum}`)
    throw new RunError(
      `The checkpoint "${path}" is damaged; delete it and --resume starts this run from the beginning, its journal kept.`,
    );
  const checkpoint = deserialized(content, path);
  if (checkpoint.cellId !== cellId) throw otherRun(path);
  return checkpoint;
}

export function otherRun(path: string): RunError {
  return new RunError(
    `"${path}" belongs to a run with another spec, seed, data set or plugin version; choose another folder with --out.`,
  );
}

function deserialized(content: Uint8Array, path: string): Checkpoint {
  try {
    return deserialize(content) as Checkpoint;
  } catch (error) {
    throw new RunError(
      `The checkpoint "${path}" is whole, but Node ${process.version} cannot read it; go on with the version of Node that wrote it, or a later one.`,
      { cause: error },
    );
  }
}

function sha256(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
