export { chosenDataset } from "./chosen-dataset.js";
export { type EditorSchema, editorSchema } from "./editor-schema.js";
export { createRunDescriber, type DescribedRun } from "./described-run.js";
export { findPackage, isPath, resolvePlugin } from "./find.js";
export { type Installed, installed } from "./installed.js";
export { type PlanPlaces, plan } from "./plan.js";
export { type CompositionPlace, planComposition } from "./plan-from-code.js";
export { recall } from "./recall.js";
export { createTracker, trackersOf } from "./trackers.js";
