import type { Kind } from "@everlearn/contracts";
import { augmentationChecks } from "./augmentation.js";
import { bufferChecks } from "./buffer.js";
import { datasetChecks } from "./dataset.js";
import { learnerChecks } from "./learner.js";
import { metricChecks } from "./metric.js";
import { networkChecks } from "./network.js";
import { optimizerChecks } from "./optimizer.js";
import { pluginChecks } from "./plugin.js";
import { creation } from "./report.js";
import { scenarioChecks } from "./scenario.js";
import { streamChecks } from "./stream.js";
import { trackerChecks } from "./tracker.js";

export { type AugmentationSetup, checkAugmentation } from "./augmentation.js";
export { checkBuffer } from "./buffer.js";
export type { BufferSetup } from "./buffer-trial.js";
export { checkDataset, type DatasetSetup } from "./dataset.js";
export { toyBuffer } from "./fixtures/buffer.js";
export { toyDataset, toyStream } from "./fixtures/data.js";
export { referenceNetwork } from "./fixtures/network.js";
export { toyScenario } from "./fixtures/scenario.js";
export { checkLearner } from "./learner.js";
export type { LearnerSetup } from "./learner-trial.js";
export { checkMetric, type MetricSetup } from "./metric.js";
export { checkNetwork } from "./network.js";
export type { NetworkSetup } from "./network-trial.js";
export { checkOptimizer, type OptimizerSetup } from "./optimizer.js";
export { ConformanceError, type Failure } from "./report.js";
export { checkScenario, type ScenarioSetup } from "./scenario.js";
export { checkStream, type StreamSetup } from "./stream.js";
export { checkTracker, type TrackerSetup } from "./tracker.js";

/** A demand on a plugin: its name, and what completes "it must …". */
export interface Demand {
  readonly name: string;
  readonly must: string;
}

const demands = (own: readonly Demand[]): readonly Demand[] =>
  [...pluginChecks, creation, ...own].map(({ name, must }) => ({ name, must }));

/** All that plugins of each kind are tried for, in that order. */
export const checks: { readonly [K in Kind]: readonly Demand[] } = {
  dataset: demands(datasetChecks),
  stream: demands(streamChecks),
  scenario: demands(scenarioChecks),
  network: demands(networkChecks),
  optimizer: demands(optimizerChecks),
  augmentation: demands(augmentationChecks),
  buffer: demands(bufferChecks),
  learner: demands(learnerChecks),
  metric: demands(metricChecks),
  tracker: demands(trackerChecks),
};
