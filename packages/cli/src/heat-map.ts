import { existsSync } from "node:fs";
import { join } from "node:path";
import { accuracyHeatMap } from "@everlearn/leaderboard";
import { type Receipt, runFiles, writeFile } from "@everlearn/records";

/** Draws a finished run's R into its folder, unless the picture is there already. */
export function writeHeatMap(directory: string, result: Receipt): void {
  const path = join(directory, runFiles.picture);
  if (result.status === "finished" && !existsSync(path)) writeFile(path, accuracyHeatMap(result));
}
