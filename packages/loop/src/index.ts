export { type Answers, createEvaluation, type Evaluation } from "./evaluation.js";
export { CellError, type UnfinishedStatus } from "./failure.js";
export { isRequest, respond, runInProcess, saveParts } from "./in-process.js";
export { type Loop, type LoopCourse, loop } from "./loop.js";
export { metrics } from "./metrics.js";
export { type Account, accountOf, endedBy, finish, type LoopOutcome } from "./outcome.js";
export { createSchedule, type Schedule } from "./schedule.js";
export { initialState, type LoopState, type TaskLabelCounts } from "./state.js";
export type { EvaluationKind, Learned, LoopEvent, Reply, Request, Step } from "./step.js";
