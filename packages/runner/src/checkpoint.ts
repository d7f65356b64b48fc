import { createHash } from "node:crypto";
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { deserialize, serialize } from "node:v8";
import type { State } from "@everlearn/contracts";
import { RunError, withFile } from "./error.js";

/** All that a run needs to go on with the same bits. */
export interface Checkpoint {
  readonly cellId: string;
  /** The task that comes next, or is under way: T when all are done. */
  readonly task: number;
  /** The task's next training example. */
  readonly index: number;
  readonly accuracy: readonly (readonly number[])[];
  readonly initial: readonly number[];
  /** The answers of the last evaluation. */
  readonly predictions: Uint16Array;
  /** Working time so far. */
  readonly seconds: number;
  readonly parts: Readonly<Record<string, State>>;
}

const HEADER = "everlearn checkpoint 1 ";

/** Replaces the file whole: a crash leaves the old one or the new one. */
export function writeFile(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.part`;
  withFile(path, () => {
    const file = openSync(temporary, "w");
    try {
      const bytes = typeof content === "string" ? Buffer.from(content) : content;
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
      fsyncSync(file);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  });
}

export function writeCheckpoint(path: string, checkpoint: Checkpoint): void {
  const content = serialize(checkpoint);
  writeFile(path, Buffer.concat([Buffer.from(`${HEADER}${sha256(content)}\n`), content]));
}

/** @returns undefined where there is none @throws RunError where it is damaged or of another run */
export function readCheckpoint(path: string, cellId: string): Checkpoint | undefined {
  if (!existsSync(path)) return undefined;
  const bytes = withFile(path, () => readFileSync(path));
  const start = HEADER.length + 65;
  const content = bytes.subarray(start);
  // The checksum comes first: nothing is deserialised that we did not write whole.
  if (bytes.toString("latin1", 0, start) !== `${HEADER}${sha256(content)}\n`)
    throw new RunError(
      `The checkpoint "${path}" is damaged; delete it and --resume starts this run from the beginning, its journal kept.`,
    );
  const checkpoint = deserialize(content) as Checkpoint;
  if (checkpoint.cellId !== cellId) throw otherRun(path);
  return checkpoint;
}

export function otherRun(path: string): RunError {
  return new RunError(
    `"${path}" belongs to a run with another spec, seed, data set or plugin version; choose another folder with --out.`,
  );
}

function sha256(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
