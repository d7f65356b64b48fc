import { type Batch, splitBatch } from "./batch.js";
import type { Tag, ViewType } from "./experiments.js";
import { completed, type Metric, type NewMetric, readMetric, type SentMetric } from "./metric.js";
import { everyPage, type Page, type Paging, pageOf } from "./pages.js";
import {
  type DatasetInput,
  type ModelInput,
  type ModelOutput,
  type NewRun,
  readRun,
  type Run,
  type RunInfo,
  type RunStatus,
  type SentRun,
} from "./run.js";
import { runWith } from "./run-with.js";
import type { CallOptions, Transport } from "./transport.js";

export interface RunQuery extends Paging {
  readonly experimentIds: readonly string[];
  /** Such as `metrics.accuracy > 0.9 AND params.learner = 'mer'`. */
  readonly filter?: string | undefined;
  /** Such as `["metrics.accuracy DESC"]`; the latest start first by default. */
  readonly orderBy?: readonly string[] | undefined;
  /** Active ones only by default. */
  readonly runViewType?: ViewType | undefined;
}

/** What of a run is to change; what is absent stays. */
export interface RunChange {
  readonly runId: string;
  readonly status?: RunStatus | undefined;
  /** Milliseconds since 1970. */
  readonly endTime?: number | undefined;
  readonly runName?: string | undefined;
}

export interface MetricHistoryQuery extends Paging {
  readonly runId: string;
  readonly metricKey: string;
}

/** Which values of one metric of several runs are asked for. */
export interface MetricHistoriesQuery {
  /** At most 100. */
  readonly runIds: readonly string[];
  readonly metricKey: string;
  /** The first and last step, both or neither. */
  readonly startStep?: number | undefined;
  readonly endStep?: number | undefined;
  /** About how many points of each run; 1 to 2500, which is the default. */
  readonly maxResults?: number | undefined;
}

/** Of a run. */
export interface OfRun {
  readonly runId: string;
}

/** Runs, below `/api/2.0/mlflow/runs`. An unknown run is the error `RESOURCE_DOES_NOT_EXIST` everywhere. */
export interface Runs {
  /**
   * `POST runs/create`. Not idempotent: two of them make two runs. It is therefore repeated only where the server did
   * not carry it out (status 429 or 503, no connection); any other failure is an error with `ambiguous`, after which a
   * run may exist. `getOrCreate` finds it.
   */
  create(run?: NewRun, options?: CallOptions): Promise<Run>;
  /**
   * The active run in the experiment that has this tag, or a new one that gets it: `POST runs/search`, then
   * `POST runs/create`, and both again where an answer is lost. One caller thus gets one run, unless the server goes on
   * with a request that it was thought to have lost; two callers at the same moment may make two. The tag should be
   * unique, such as an identity and a seed. Its value cannot have both kinds of quotation marks in it.
   */
  getOrCreate(run: NewRun, tag: Tag, options?: CallOptions): Promise<Run>;
  /** `GET runs/get`; deleted ones too. */
  get(runId: string, options?: CallOptions): Promise<Run>;
  /** `POST runs/search`: all that fit. Pages have 1000 unless `maxResults` (at most 50,000) says otherwise. */
  search(query: RunQuery, options?: CallOptions): AsyncGenerator<Run, void, undefined>;
  /** One page of `search`. */
  searchPage(query: RunQuery, options?: CallOptions): Promise<Page<Run>>;
  /** `POST runs/update`: status, end and name, those that are given. */
  update(change: RunChange, options?: CallOptions): Promise<RunInfo>;
  /** `POST runs/delete`: marks it deleted. */
  delete(runId: string, options?: CallOptions): Promise<void>;
  /** `POST runs/restore`: takes that back. */
  restore(runId: string, options?: CallOptions): Promise<void>;
  /** `POST runs/log-metric`. Idempotent, for a point that is equal in all is kept once. */
  logMetric(metric: NewMetric & OfRun, options?: CallOptions): Promise<void>;
  /** `POST runs/log-parameter`: a value of at most 6000 characters, which cannot change. */
  logParameter(param: Tag & OfRun, options?: CallOptions): Promise<void>;
  /**
   * `POST runs/log-batch`, as often as `splitBatch` says, one after the other. Where a part fails the ones before it
   * are logged and those behind it are not; the same call again, with the same timestamps, logs nothing twice.
   */
  logBatch(batch: Batch, options?: CallOptions): Promise<void>;
  /** `POST runs/set-tag`: a key of at most 250 characters, a value of at most 8000 (5000 in older versions). */
  setTag(tag: Tag & OfRun, options?: CallOptions): Promise<void>;
  /** `POST runs/delete-tag`. A tag that is not there is the error `RESOURCE_DOES_NOT_EXIST`. */
  deleteTag(tag: OfRun & { readonly key: string }, options?: CallOptions): Promise<void>;
  /** `POST runs/log-inputs`: at most 1000 data sets; one of the same name and digest is kept once. */
  logInputs(
    inputs: OfRun & { readonly datasets?: readonly DatasetInput[]; readonly models?: readonly ModelInput[] },
    options?: CallOptions,
  ): Promise<void>;
  /** `POST runs/outputs`, since MLflow 3: the logged models that it made. Repeated only as `create` is. */
  logOutputs(outputs: OfRun & { readonly models: readonly ModelOutput[] }, options?: CallOptions): Promise<void>;
  /**
   * `GET metrics/get-history`: every value of a metric, by time, then step. Pages have 10,000 unless `maxResults` (at
   * most 25,000) says otherwise.
   */
  metricHistory(query: MetricHistoryQuery, options?: CallOptions): AsyncGenerator<Metric, void, undefined>;
  /** One page of `metricHistory`. */
  metricHistoryPage(query: MetricHistoryQuery, options?: CallOptions): Promise<Page<Metric>>;
  /** `GET metrics/get-history-bulk-interval`: a metric of several runs, thinned out evenly. Each point has its `runId`. */
  metricHistories(query: MetricHistoriesQuery, options?: CallOptions): Promise<readonly Metric[]>;
}

/** `home` answers the experiment of runs that name none. */
export function runs({ send, persist }: Transport, home: (options: CallOptions | undefined) => Promise<string>): Runs {
  const root = "/api/2.0/mlflow";
  const ask = <T>(name: string, body: object, options: CallOptions | undefined, once = false): Promise<T> =>
    send<T>({ method: "POST", path: `${root}/runs/${name}`, body, once }, options);
  const tell = async (name: string, body: object, options: CallOptions | undefined, once = false): Promise<void> => {
    await ask(name, body, options, once);
  };

  const searchPage: Runs["searchPage"] = async (query, options) => {
    const found = await ask<{ runs?: SentRun[]; nextPageToken?: string }>("search", query, options);
    return pageOf((found.runs ?? []).map(readRun), found.nextPageToken);
  };
  const search: Runs["search"] = (query, options) => everyPage(query, (page) => searchPage(page, options));

  const create: Runs["create"] = async (run = {}, options) => {
    const { startTime = Date.now() } = run; // the server takes none for 1970
    const experimentId = run.experimentId ?? (await home(options));
    return readRun((await ask<{ run: SentRun }>("create", { ...run, startTime, experimentId }, options, true)).run);
  };

  const metricHistoryPage: Runs["metricHistoryPage"] = async (query, options) => {
    const { maxResults = 10_000 } = query; // without, the server sends all at once
    const call = { method: "GET", path: `${root}/metrics/get-history`, query: { ...query, maxResults } } as const;
    const { metrics = [], nextPageToken } = await send<{ metrics?: SentMetric[]; nextPageToken?: string }>(
      call,
      options,
    );
    return pageOf(metrics.map(readMetric), nextPageToken);
  };

  return {
    create,
    async getOrCreate(run, tag, options) {
      const experimentId = run.experimentId ?? (await home(options));
      const { startTime = Date.now() } = run;
      const others = (run.tags ?? []).filter(({ key }) => key !== tag.key);
      const single = { ...options, retries: 0 };
      return persist(
        async () =>
          (await runWith(tag, (filter) => search({ experimentIds: [experimentId], ...filter }, single))) ??
          (await create({ ...run, startTime, experimentId, tags: [...others, tag] }, single)),
        (error) => error.transient,
        options,
      );
    },
    async get(runId, options) {
      const call = { method: "GET", path: `${root}/runs/get`, query: { runId } } as const;
      return readRun((await send<{ run: SentRun }>(call, options)).run);
    },
    search,
    searchPage,
    update: async (change, options) => (await ask<{ runInfo: RunInfo }>("update", change, options)).runInfo,
    delete: (runId, options) => tell("delete", { runId }, options),
    restore: (runId, options) => tell("restore", { runId }, options),
    logMetric: async (metric, options) => tell("log-metric", completed(metric, Date.now()), options),
    logParameter: (param, options) => tell("log-parameter", param, options),
    async logBatch(batch, options) {
      const now = Date.now();
      const metrics = batch.metrics?.map((metric) => completed(metric, now));
      for (const part of splitBatch({ ...batch, metrics })) await tell("log-batch", part, options);
    },
    setTag: (tag, options) => tell("set-tag", tag, options),
    deleteTag: (tag, options) => tell("delete-tag", tag, options),
    logInputs: (inputs, options) => tell("log-inputs", inputs, options),
    logOutputs: (outputs, options) => tell("outputs", outputs, options, true),
    metricHistory: (query, options) => everyPage(query, (page) => metricHistoryPage(page, options)),
    metricHistoryPage,
    async metricHistories(query, options) {
      const call = { method: "GET", path: `${root}/metrics/get-history-bulk-interval`, query } as const;
      const { metrics = [] } = await send<{ metrics?: SentMetric[] }>(call, options);
      return metrics.map(readMetric);
    },
  };
}
