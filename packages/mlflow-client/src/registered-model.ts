import type { Tag } from "./experiments.js";
import { type Metric, readMetric, type SentMetric } from "./metric.js";

/** Whether a version's artifacts are all there. */
export type ModelVersionStatus = "PENDING_REGISTRATION" | "FAILED_REGISTRATION" | "READY";

/** A version of a registered model. */
export interface ModelVersion {
  readonly name: string;
  /** Counted from `"1"`. */
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly creationTimestamp: number;
  /** Milliseconds since 1970. */
  readonly lastUpdatedTimestamp: number;
  readonly status: ModelVersionStatus;
  readonly statusMessage?: string;
  /** `None`, `Staging`, `Production` or `Archived`. */
  readonly currentStage?: string;
  readonly description?: string;
  /** Where it was registered from. */
  readonly source?: string;
  readonly runId?: string;
  readonly runLink?: string;
  /** The logged model that it is. */
  readonly modelId?: string;
  readonly userId?: string;
  readonly tags: readonly Tag[];
  readonly aliases: readonly string[];
  readonly modelParams: readonly { readonly name: string; readonly value: string }[];
  readonly modelMetrics: readonly Metric[];
}

/** A name in the registry, with its versions. */
export interface RegisteredModel {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly creationTimestamp: number;
  /** Milliseconds since 1970. */
  readonly lastUpdatedTimestamp: number;
  readonly description?: string;
  readonly userId?: string;
  /** The latest of each stage. */
  readonly latestVersions: readonly ModelVersion[];
  readonly tags: readonly Tag[];
  readonly aliases: readonly { readonly alias: string; readonly version: string }[];
}

/** A registered model that is to be, without versions yet. */
export interface NewRegisteredModel {
  /** Unique, without `/` and `:`. */
  readonly name: string;
  readonly description?: string | undefined;
  /** Keys of at most 250 characters, values of at most 100,000. */
  readonly tags?: readonly Tag[] | undefined;
}

/** A version that is to be; the server counts them from 1. */
export interface NewModelVersion {
  /** Of a registered model that exists. */
  readonly name: string;
  /** Where its artifacts are, such as `runs:/<run id>/model` or `models:/<model id>`. */
  readonly source: string;
  /** The run that the source belongs to; the server wants it where the source is the run's. */
  readonly runId?: string | undefined;
  /** The logged model that the source is; the server wants it where the source is a logged model's. */
  readonly modelId?: string | undefined;
  readonly runLink?: string | undefined;
  readonly description?: string | undefined;
  /** Keys of at most 250 characters, values of at most 100,000. */
  readonly tags?: readonly Tag[] | undefined;
}

/** As MLflow sends it: empty lists are left out. */
export type SentVersion = Omit<ModelVersion, "tags" | "aliases" | "modelParams" | "modelMetrics"> &
  Partial<Pick<ModelVersion, "tags" | "aliases" | "modelParams">> & { readonly modelMetrics?: readonly SentMetric[] };

export type SentModel = Omit<RegisteredModel, "tags" | "aliases" | "latestVersions"> &
  Partial<Pick<RegisteredModel, "tags" | "aliases">> & { readonly latestVersions?: readonly SentVersion[] };

export const readVersion = (sent: SentVersion): ModelVersion => ({
  ...sent,
  tags: sent.tags ?? [],
  aliases: sent.aliases ?? [],
  modelParams: sent.modelParams ?? [],
  modelMetrics: sent.modelMetrics?.map(readMetric) ?? [],
});

export const readModel = (sent: SentModel): RegisteredModel => ({
  ...sent,
  tags: sent.tags ?? [],
  aliases: sent.aliases ?? [],
  latestVersions: sent.latestVersions?.map(readVersion) ?? [],
});
