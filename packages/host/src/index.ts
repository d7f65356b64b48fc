export type { Chosen, ChosenParts } from "./chosen.js";
export { type Cell, compose } from "./compose.js";
export { type Check, checker } from "./check.js";
export { type CompositionPlace, planComposition } from "./code.js";
export type { Composition, Fitting } from "./composition.js";
export { type EditorSchema, editorSchema } from "./editor-schema.js";
export { SpecError } from "./error.js";
export { type Resolved, resolvePlugin } from "./find.js";
export { digest } from "./identity.js";
export { type Installed, installed } from "./installed.js";
export { kinds } from "./kinds.js";
export { checkOptions, type OptionsObjectSchema, optionsSchema } from "./options.js";
export { type Plan, type PluginIdentity, plan } from "./plan.js";
export { type Budget, type Protocol, protocolSchema, type Search, type Tuning } from "./protocol.js";
export { gridSchema, specSchema, suiteSchema } from "./schema.js";
export {
  type Choice,
  type Evaluation,
  type RunSpec,
  readSpecs,
  runsOf,
  type Source,
  type StreamChoice,
} from "./spec.js";
export { createTracker, trackersOf } from "./trackers.js";
export { type TaskLabels, type Use, use } from "./use.js";
