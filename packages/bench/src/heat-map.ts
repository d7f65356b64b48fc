import { existsSync } from "node:fs";
import { join } from "node:path";
import { accuracyHeatMap, type RunResult } from "@everlearn/leaderboard";
import { writeFile } from "@everlearn/runner";

/** Draws a finished run's R as `accuracy.svg` into its folder, unless that is there. */
export function writeHeatMap(directory: string, result: RunResult): void {
  const path = join(directory, "accuracy.svg");
  if (result.status === "finished" && !existsSync(path)) writeFile(path, accuracyHeatMap(result));
}
