import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { deleteFile, withFile } from "./file.js";
import { releaseDead } from "./lock.js";
import { runFiles } from "./run-files.js";

/** The folders of runs below a folder, itself included: those called `seed-<n>` that hold a journal. */
export function runFolders(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const name = /(?:^|[\\/])seed-\d+[\\/]?$/;
  if (name.test(folder) && existsSync(join(folder, runFiles.journal))) return [folder];
  return withFile("read", folder, () => readdirSync(folder, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory() && entry.name !== "node_modules")
    .flatMap((entry) => runFolders(join(folder, entry.name)));
}

/** Removes what a crash may leave beside a result: the last checkpoint, and locks of processes that have ended. */
export function tidy(directory: string): void {
  deleteFile(join(directory, runFiles.checkpoint));
  releaseDead(directory);
}
