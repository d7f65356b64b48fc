export type { RunOptions } from "./options.js";
export type { Progress } from "./progress.js";
export { runCell, runCourse } from "./run.js";
