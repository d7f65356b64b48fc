export { RunError } from "./error.js";
export { writeFile } from "./file.js";
export {
  backwardTransferAndInterference,
  forwardTransfer,
  learningAccuracy,
  metrics,
  retainedAccuracy,
} from "./metrics.js";
export type { Progress } from "./progress.js";
export type { Result } from "./result.js";
export { type RunOptions, readResult, run, StoppedError } from "./run.js";
