export { type Augmentation, unaugmented, type Views } from "./augmentation.js";
export type { Buffer } from "./buffer.js";
export type { Columns, Dataset, Examples } from "./dataset.js";
export { RunError, shortened, SpecError, StoppedError } from "./error.js";
export type { Example, Input, Query } from "./example.js";
export type { Learner } from "./learner.js";
export { contractVersion, kinds, members, missingMembers, needs } from "./members.js";
export type {
  Confusion,
  Evaluations,
  IntermediateEvaluation,
  Metric,
  Prequential,
  PrequentialScore,
} from "./metric.js";
export {
  type Backward,
  type DescendOptions,
  type DifferentiableNetwork,
  DivergedError,
  type FastPaths,
  type Network,
  type NetworkCore,
  type Tensor,
} from "./network.js";
export type { Optimizer } from "./optimizer.js";
export {
  type OptionForm,
  type OptionSchema,
  type OptionsFor,
  type OptionsOf,
  type OptionsSchema,
  withDefaults,
} from "./options.js";
export type {
  Complete,
  ContractVersion,
  CreateNetwork,
  Dependencies,
  Diagnostic,
  Kind,
  Need,
  Parts,
  Plugin,
  PluginContext,
  ResolvedOptions,
  Size,
} from "./plugin.js";
export type { Random } from "./random.js";
export type { Scenario, TaskLabels } from "./scenario.js";
export type { State, Stateful } from "./state.js";
export type { Experience, Stream } from "./stream.js";
export type { Target, Term } from "./term.js";
export type { Delivery, JournalRecord, TrackedRun, Tracker } from "./tracker.js";
export type { Vector } from "./vector.js";
