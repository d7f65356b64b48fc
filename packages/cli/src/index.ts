export { type Composition, SpecError, type Use, use } from "@everlearn/host";
export { type Progress, type Result, RunError, StoppedError } from "@everlearn/runner";
export { type Finished, type Outcome, run, type RunSettings, type Unfinished } from "./composed.js";
