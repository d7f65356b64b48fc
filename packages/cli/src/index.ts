export { type Composition, type Use, use } from "@everlearn/composition";
export { RunError, SpecError, StoppedError } from "@everlearn/contracts";
export type { Result } from "@everlearn/records";
export type { Progress } from "@everlearn/runner";
export { type Finished, type Outcome, run, type RunSettings, type Unfinished } from "./composed.js";
