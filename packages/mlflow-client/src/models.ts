import type { Tag } from "./experiments.js";
import { type Metric, readMetric, type SentMetric } from "./metric.js";
import { everyPage, type Page, type Paging, pageOf } from "./pages.js";
import { segment } from "./paths.js";
import type { CallOptions, Transport } from "./transport.js";

/** Whether a model's artifacts are all there. */
export type LoggedModelStatus = "LOGGED_MODEL_PENDING" | "LOGGED_MODEL_READY" | "LOGGED_MODEL_UPLOAD_FAILED";

/** A model that a run made, as MLflow 3 keeps it: with parameters, metrics and artifacts of its own. */
export interface LoggedModel {
  readonly info: {
    readonly modelId: string;
    readonly experimentId: string;
    readonly name: string;
    /** Milliseconds since 1970. */
    readonly creationTimestampMs: number;
    /** Milliseconds since 1970. */
    readonly lastUpdatedTimestampMs: number;
    readonly artifactUri: string;
    readonly status: LoggedModelStatus;
    readonly modelType?: string;
    readonly sourceRunId?: string;
    readonly statusMessage?: string;
    readonly tags: readonly Tag[];
    /** Under which names it is in the model registry. */
    readonly registrations: readonly { readonly name: string; readonly version: string }[];
  };
  readonly data: { readonly params: readonly Tag[]; readonly metrics: readonly Metric[] };
}

/** A model that a run is about to log. */
export interface NewLoggedModel {
  readonly experimentId: string;
  /** Not unique; made up by the server by default. Without `/ : . % " '`. */
  readonly name?: string | undefined;
  readonly modelType?: string | undefined;
  /** The run that made it. */
  readonly sourceRunId?: string | undefined;
  /** Keys of at most 250 characters, values of at most 6000. */
  readonly params?: readonly Tag[] | undefined;
  readonly tags?: readonly Tag[] | undefined;
}

export interface LoggedModelQuery extends Paging {
  readonly experimentIds: readonly string[];
  /** Such as `metrics.accuracy > 0.9`. */
  readonly filter?: string | undefined;
  /**
   * Of which data sets metrics in the filter are meant; of any by default. Without a digest, MLflow 3.17 takes only
   * metrics that were logged without one.
   */
  readonly datasets?: readonly { readonly datasetName: string; readonly datasetDigest?: string }[] | undefined;
  readonly orderBy?:
    | readonly {
        /** Such as `creation_timestamp` or `metrics.accuracy`. */
        readonly fieldName: string;
        /** True by default. */
        readonly ascending?: boolean;
        readonly datasetName?: string;
        readonly datasetDigest?: string;
      }[]
    | undefined;
}

/** Logged models, below `/api/2.0/mlflow/logged-models`, since MLflow 3. An unknown one is `RESOURCE_DOES_NOT_EXIST`. */
export interface LoggedModels {
  /** `POST logged-models`. Not idempotent, and repeated only where the server did not carry it out. */
  create(model: NewLoggedModel, options?: CallOptions): Promise<LoggedModel>;
  /** `PATCH logged-models/{id}`: says that its artifacts are complete, or failed. */
  finalize(
    end: { readonly modelId: string; readonly status: LoggedModelStatus },
    options?: CallOptions,
  ): Promise<LoggedModel>;
  /** `GET logged-models/{id}`. */
  get(modelId: string, options?: CallOptions): Promise<LoggedModel>;
  /** `POST logged-models/search`: all that fit. Pages have 50 unless `maxResults` says otherwise. */
  search(query: LoggedModelQuery, options?: CallOptions): AsyncGenerator<LoggedModel, void, undefined>;
  /** One page of `search`. */
  searchPage(query: LoggedModelQuery, options?: CallOptions): Promise<Page<LoggedModel>>;
  /** `PATCH logged-models/{id}/tags`: sets these and leaves others. */
  setTags(change: { readonly modelId: string; readonly tags: readonly Tag[] }, options?: CallOptions): Promise<void>;
  /** `DELETE logged-models/{id}/tags/{key}`. MLflow cannot name a key with a slash here. */
  deleteTag(tag: { readonly modelId: string; readonly key: string }, options?: CallOptions): Promise<void>;
  /** `POST logged-models/{id}/params`: adds these; one that is there is an error. Repeated only as `create` is. */
  logParams(
    change: { readonly modelId: string; readonly params: readonly Tag[] },
    options?: CallOptions,
  ): Promise<void>;
  /** `DELETE logged-models/{id}`. */
  delete(modelId: string, options?: CallOptions): Promise<void>;
}

export function models({ send }: Transport): LoggedModels {
  const root = "/api/2.0/mlflow/logged-models";
  const path = (modelId: string): string => `${root}/${segment("a logged model", modelId)}`;
  const searchPage: LoggedModels["searchPage"] = async (query, options) => {
    const call = { method: "POST", path: `${root}/search`, body: query } as const;
    const { models = [], nextPageToken } = await send<{ models?: Sent[]; nextPageToken?: string }>(call, options);
    return pageOf(models.map(read), nextPageToken);
  };

  return {
    async create(model, options) {
      return read(
        (await send<{ model: Sent }>({ method: "POST", path: root, body: model, once: true }, options)).model,
      );
    },
    async finalize(end, options) {
      return read(
        (await send<{ model: Sent }>({ method: "PATCH", path: path(end.modelId), body: end }, options)).model,
      );
    },
    async get(modelId, options) {
      return read((await send<{ model: Sent }>({ method: "GET", path: path(modelId) }, options)).model);
    },
    search: (query, options) => everyPage(query, (page) => searchPage(page, options)),
    searchPage,
    async setTags(change, options) {
      await send({ method: "PATCH", path: `${path(change.modelId)}/tags`, body: change }, options);
    },
    async deleteTag({ modelId, key }, options) {
      await send({ method: "DELETE", path: `${path(modelId)}/tags/${segment("a tag to delete", key)}` }, options);
    },
    async logParams(change, options) {
      await send({ method: "POST", path: `${path(change.modelId)}/params`, body: change, once: true }, options);
    },
    async delete(modelId, options) {
      await send({ method: "DELETE", path: path(modelId) }, options);
    },
  };
}

/** As MLflow sends it: empty lists are left out. */
interface Sent {
  readonly info: Omit<LoggedModel["info"], "tags" | "registrations"> & Partial<LoggedModel["info"]>;
  readonly data?: { readonly params?: readonly Tag[]; readonly metrics?: readonly SentMetric[] };
}

const read = ({ info, data }: Sent): LoggedModel => ({
  info: { ...info, tags: info.tags ?? [], registrations: info.registrations ?? [] },
  data: { params: data?.params ?? [], metrics: data?.metrics?.map(readMetric) ?? [] },
});
