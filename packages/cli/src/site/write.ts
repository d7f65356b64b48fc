import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { File } from "@everlearn/leaderboard";
import { withFile } from "@everlearn/records";

/** Writes a file of a site. It need not outlive a crash, as results do: it is made again of them. @throws RunError */
export function write(out: string, { path, content }: File): void {
  const file = join(out, path);
  withFile("write", file, () => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  });
}
