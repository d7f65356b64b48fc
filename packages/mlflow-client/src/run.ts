import type { LifecycleStage, Tag } from "./experiments.js";
import { type Metric, readMetric, type SentMetric } from "./metric.js";

/** Whether a run is under way, and how it ended. */
export type RunStatus = "RUNNING" | "SCHEDULED" | "FINISHED" | "FAILED" | "KILLED";

/** What a run is, beside what it logged. */
export interface RunInfo {
  readonly runId: string;
  readonly runName: string;
  readonly experimentId: string;
  readonly status: RunStatus;
  /** Milliseconds since 1970. */
  readonly startTime: number;
  /** Milliseconds since 1970; absent while it runs. */
  readonly endTime?: number;
  /** Where its artifacts are; `mlflow-artifacts:/…` where the server passes them on. */
  readonly artifactUri: string;
  readonly lifecycleStage: LifecycleStage;
  readonly userId?: string;
}

/** Data that a run was given. */
export interface Dataset {
  /** At most 500 characters. */
  readonly name: string;
  /** What tells its versions apart; at most 36 characters. */
  readonly digest: string;
  /** Such as `http` or `local`. */
  readonly sourceType: string;
  /** Where it comes from, often as JSON; at most 65,535 characters. */
  readonly source: string;
  /** JSON; at most 1,048,575 characters. */
  readonly schema?: string | undefined;
  /** JSON with statistics, such as `{"num_rows": 60000}`; at most 16,777,215 characters. */
  readonly profile?: string | undefined;
}

/** A data set that a run used, and what for. */
export interface DatasetInput {
  readonly dataset: Dataset;
  /** Such as `mlflow.data.context`; keys of at most 255 characters, values of at most 500. */
  readonly tags?: readonly Tag[] | undefined;
}

/** A logged model that a run read. */
export interface ModelInput {
  readonly modelId: string;
}

/** A logged model that a run made, and after which step. */
export interface ModelOutput {
  readonly modelId: string;
  readonly step: number;
}

/** A run and all that it logged. */
export interface Run {
  readonly info: RunInfo;
  readonly data: {
    /** The latest value of each. */
    readonly metrics: readonly Metric[];
    readonly params: readonly Tag[];
    readonly tags: readonly Tag[];
  };
  readonly inputs: { readonly datasetInputs: readonly DatasetInput[]; readonly modelInputs: readonly ModelInput[] };
  readonly outputs: { readonly modelOutputs: readonly ModelOutput[] };
}

/** A run that is to be. */
export interface NewRun {
  /** By default the client's own experiment, and without that MLflow's `Default`, `"0"`. */
  readonly experimentId?: string | undefined;
  /** Made up by the server by default. */
  readonly runName?: string | undefined;
  /** Milliseconds since 1970; the moment of the call by default. */
  readonly startTime?: number | undefined;
  /** Keys of at most 250 characters, values of at most 8000 (5000 in older versions). */
  readonly tags?: readonly Tag[] | undefined;
}

/** As MLflow sends it: what is empty is left out. */
export interface SentRun {
  readonly info: RunInfo;
  readonly data?: {
    readonly metrics?: readonly SentMetric[];
    readonly params?: readonly Tag[];
    readonly tags?: readonly Tag[];
  };
  readonly inputs?: Partial<Run["inputs"]>;
  readonly outputs?: Partial<Run["outputs"]>;
}

export function readRun({ info, data, inputs, outputs }: SentRun): Run {
  return {
    info,
    data: { metrics: data?.metrics?.map(readMetric) ?? [], params: data?.params ?? [], tags: data?.tags ?? [] },
    inputs: { datasetInputs: inputs?.datasetInputs ?? [], modelInputs: inputs?.modelInputs ?? [] },
    outputs: { modelOutputs: outputs?.modelOutputs ?? [] },
  };
}
