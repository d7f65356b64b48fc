import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** A string that changes whenever a file directly in the folder changes: the files' names, sizes and times. */
export function fingerprint(directory: string): string {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => {
      const stat = statSync(join(directory, name), { throwIfNoEntry: false }); // a lock may go at any moment
      return `${name} ${stat?.size} ${stat?.mtimeMs}`;
    })
    .join("\n");
}
