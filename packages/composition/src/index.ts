export type { Cell, Course, LearnerSide } from "./cell.js";
export type { PluginName } from "./complete.js";
export type { Composition, Fitting } from "./composition.js";
export { createContext } from "./context.js";
export { createCell, createCourse, createLearner, sizeOf } from "./create-cell.js";
export { keywordChecker } from "./keyword-checker.js";
export { isKind, isName } from "./kinds.js";
export { makeLinks } from "./make.js";
export { type Check, type Checker, createOptionsCheck, type OptionsObjectSchema, optionsSchema } from "./options.js";
export { type DescribedSchema, describeRange, describeSchema, showValue } from "./phrases.js";
export type { CheckOptions, FindPlugin, LearnerPlan, Plan, PlanContext, PluginIdentity } from "./plan.js";
export {
  describePlan,
  isCourseKind,
  type LearnerRecord,
  learnerRecord,
  type LoadPlugin,
  onOtherData,
  type OtherData,
  type PartRecord,
  type PlanRecord,
  recallLearner,
  recallPlan,
} from "./plan-record.js";
export { planRun } from "./plan-run.js";
export { chainOf, type FoundPlugin, type PlannedPart, type PlannedParts } from "./planned-part.js";
export { pluginProblems } from "./plugin-problems.js";
export { resolveOptions } from "./resolve-options.js";
export {
  type Budget,
  type Choice,
  completeSpec,
  type EvaluationProtocol,
  type PrequentialProtocol,
  type Protocol,
  type RunSpec,
  type Search,
  type Source,
  type Tuning,
  usualEvaluation,
  usualNetwork,
  type WrittenSpec,
} from "./spec.js";
export { suggestion } from "./suggestion.js";
export { type Use, use } from "./use.js";
export { hasOwnTrialData, officialRun, trialRun, writtenRun } from "./trial-data.js";
