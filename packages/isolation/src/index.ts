export { type Exit, exitOf, passLines } from "./child.js";
export { LearnerExitError, type LearnerProcessOptions, startLearner } from "./start.js";

/** The thread of a process that ends it when its parent has ended, or when it takes too much memory. */
export const watchdogUrl = new URL("../dist/parent-watchdog.js", import.meta.url);
