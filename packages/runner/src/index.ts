export { RunError, type Verdict } from "./error.js";
export { withFile, writeFile } from "./file.js";
export { isLocked, LockedError, lock } from "./lock.js";
export { metrics } from "./metrics.js";
export type { Progress } from "./progress.js";
export { type Predictions, type Result, readResult, sealOf, type TaskLabels } from "./result.js";
export { type RunOptions, run, StoppedError, tidy } from "./run.js";
