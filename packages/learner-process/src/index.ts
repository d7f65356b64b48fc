export { type Exit, exitOf, passLines } from "./child.js";
export { LearnerExitError, type LearnerProcess, type LearnerProcessOptions, startLearner } from "./start.js";
