export type { ArtifactContent, ArtifactFile, ArtifactOwner, Artifacts } from "./artifacts.js";
export { type Batch, type BatchPart, batchLimits, splitBatch } from "./batch.js";
export { type Client, createClient } from "./client.js";
export { type ErrorDetails, MlflowError } from "./error.js";
export type {
  Experiment,
  ExperimentQuery,
  Experiments,
  LifecycleStage,
  NewExperiment,
  Tag,
  ViewType,
} from "./experiments.js";
export type { Metric, NewMetric } from "./metric.js";
export type { LoggedModel, LoggedModelQuery, LoggedModelStatus, LoggedModels, NewLoggedModel } from "./models.js";
export type { Page, Paging } from "./pages.js";
export type {
  ModelVersion,
  ModelVersionStatus,
  NewModelVersion,
  NewRegisteredModel,
  RegisteredModel,
} from "./registered-model.js";
export type { OfModel, OfVersion, Registry, RegistryQuery } from "./registry.js";
export type { Dataset, DatasetInput, ModelInput, ModelOutput, NewRun, Run, RunInfo, RunStatus } from "./run.js";
export type { MetricHistoriesQuery, MetricHistoryQuery, OfRun, RunChange, RunQuery, Runs } from "./runs.js";
export type { Auth, ClientOptions, EnvironmentVariables } from "./settings.js";
export type { CallOptions } from "./transport.js";
