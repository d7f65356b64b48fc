import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * A string that changes whenever a file directly in the folder changes: the files' names, sizes and times. A lock, which is
 * touched every now and then, does not count.
 */
export function fingerprint(directory: string): string {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith("lock~"))
    .map(({ name }) => {
      const stat = statSync(join(directory, name), { throwIfNoEntry: false }); // a file may go at any moment
      return `${name} ${stat?.size} ${stat?.mtimeMs}`;
    })
    .join("\n");
}
