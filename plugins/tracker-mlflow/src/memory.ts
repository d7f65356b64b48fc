import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";

/** What is known, across crashes, of a run that is being sent: `sync/mlflow.json` in its folder. No credentials. */
export interface Memory {
  /** The server's address. */
  readonly server: string;
  /** Which journal: the value of the tag by which MLflow's run is found. */
  readonly journal: string;
  readonly experimentId: string;
  readonly runId: string;
  /** Whether tags, params and data set are there. */
  readonly described: boolean;
  /** The points before this one are there; those from here to `tried` may be; later ones are not. */
  readonly sent: number;
  readonly tried: number;
  /** The SHA-256 of the files that are there. */
  readonly files: Readonly<Record<string, string>>;
  /** The status and the values beside it that are there. */
  readonly state: string;
}

const pathIn = (directory: string): string => join(directory, "sync", "mlflow.json");

/** What was written for this server and journal; undefined where there is none, or none that can be read: MLflow knows. */
export function recall(directory: string, server: string, journal: string): Memory | undefined {
  try {
    const memory = JSON.parse(readFileSync(pathIn(directory), "utf8")) as Memory;
    return memory.server === server && memory.journal === journal ? memory : undefined;
  } catch {
    return undefined;
  }
}

/** Replaces it whole, on the disk. */
export function remember(directory: string, memory: Memory): void {
  const path = pathIn(directory);
  const file = openSync(`${path}.part`, "w");
  try {
    writeSync(file, `${JSON.stringify(memory, null, 2)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.part`, path);
}
