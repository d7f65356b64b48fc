export { RunError } from "./error.js";
export { writeFile } from "./file.js";
export { metrics } from "./metrics.js";
export type { Progress } from "./progress.js";
export type { Result } from "./result.js";
export { type RunOptions, readResult, run, StoppedError } from "./run.js";
