import { type Page, type Paging, everyPage, pageOf } from "./pages.js";
import type { CallOptions, Transport } from "./transport.js";

/** A name and a text. */
export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** Which of active and deleted things a search finds. */
export type ViewType = "ACTIVE_ONLY" | "DELETED_ONLY" | "ALL";

/** What is deleted in MLflow can be restored. */
export type LifecycleStage = "active" | "deleted";

/** An experiment: runs that belong together. */
export interface Experiment {
  readonly experimentId: string;
  readonly name: string;
  /** Where its runs' artifacts go; `mlflow-artifacts:/…` where the server passes them on. */
  readonly artifactLocation: string;
  readonly lifecycleStage: LifecycleStage;
  /** Milliseconds since 1970. */
  readonly creationTime?: number;
  /** Milliseconds since 1970. */
  readonly lastUpdateTime?: number;
  readonly tags: readonly Tag[];
}

/** An experiment that is to be. */
export interface NewExperiment {
  /** Unique among active and deleted experiments; at most 500 characters. */
  readonly name: string;
  /** Where its artifacts are to go; the server's choice by default. */
  readonly artifactLocation?: string | undefined;
  /** Keys of at most 250 characters, values of at most 20,000 (5000 in older versions). */
  readonly tags?: readonly Tag[] | undefined;
}

export interface ExperimentQuery extends Paging {
  /** Such as `name LIKE 'mer%' AND tags.team = 'cl'`. */
  readonly filter?: string | undefined;
  /** Such as `["last_update_time DESC"]`; names as MLflow writes them. */
  readonly orderBy?: readonly string[] | undefined;
  /** Active ones only by default. */
  readonly viewType?: ViewType | undefined;
}

/** Experiments, below `/api/2.0/mlflow/experiments`. */
export interface Experiments {
  /**
   * `POST experiments/create`; answers the id. A name that is taken, if only by a deleted experiment, is the error
   * `RESOURCE_ALREADY_EXISTS`. Not repeated where the server may have made it: see `Client.getOrCreateExperiment`.
   */
  create(experiment: NewExperiment, options?: CallOptions): Promise<string>;
  /** `GET experiments/get`; deleted ones too. An unknown id is the error `RESOURCE_DOES_NOT_EXIST`. */
  get(experimentId: string, options?: CallOptions): Promise<Experiment>;
  /** `GET experiments/get-by-name`; deleted ones too. An unknown name is the error `RESOURCE_DOES_NOT_EXIST`. */
  getByName(name: string, options?: CallOptions): Promise<Experiment>;
  /** `POST experiments/search`: all that fit. Pages have 1000 unless `maxResults` (at most 50,000) says otherwise. */
  search(query?: ExperimentQuery, options?: CallOptions): AsyncGenerator<Experiment, void, undefined>;
  /** One page of `search`. */
  searchPage(query?: ExperimentQuery, options?: CallOptions): Promise<Page<Experiment>>;
  /** `POST experiments/delete`: marks it and its runs deleted. Once more is the error `RESOURCE_DOES_NOT_EXIST`. */
  delete(experimentId: string, options?: CallOptions): Promise<void>;
  /** `POST experiments/restore`: takes that back. Of an active one it is the error `RESOURCE_DOES_NOT_EXIST`. */
  restore(experimentId: string, options?: CallOptions): Promise<void>;
  /** `POST experiments/update`: gives it another name. */
  update(change: { readonly experimentId: string; readonly newName: string }, options?: CallOptions): Promise<void>;
  /** `POST experiments/set-experiment-tag`: keys of at most 250 characters, values of at most 20,000. */
  setTag(tag: Tag & { readonly experimentId: string }, options?: CallOptions): Promise<void>;
  /** `POST experiments/delete-experiment-tag`, since MLflow 3. A tag that is not there is the error `RESOURCE_DOES_NOT_EXIST`. */
  deleteTag(tag: { readonly experimentId: string; readonly key: string }, options?: CallOptions): Promise<void>;
}

export function experiments({ send }: Transport): Experiments {
  const path = (name: string): string => `/api/2.0/mlflow/experiments/${name}`;
  const post = async (name: string, body: object, options: CallOptions | undefined): Promise<void> => {
    await send({ method: "POST", path: path(name), body }, options);
  };
  const one = async (name: string, query: object, options: CallOptions | undefined): Promise<Experiment> => {
    const { experiment } = await send<{ experiment: Sent }>({ method: "GET", path: path(name), query }, options);
    return read(experiment);
  };
  const searchPage: Experiments["searchPage"] = async (query = {}, options) => {
    const { maxResults = 1000 } = query; // the server has no default of its own
    const call = { method: "POST", path: path("search"), body: { ...query, maxResults } } as const;
    const { experiments = [], nextPageToken } = await send<{ experiments?: Sent[]; nextPageToken?: string }>(
      call,
      options,
    );
    return pageOf(experiments.map(read), nextPageToken);
  };

  return {
    async create(experiment, options) {
      const call = { method: "POST", path: path("create"), body: experiment, once: true } as const;
      return (await send<{ experimentId: string }>(call, options)).experimentId;
    },
    get: (experimentId, options) => one("get", { experimentId }, options),
    getByName: (experimentName, options) => one("get-by-name", { experimentName }, options),
    search: (query = {}, options) => everyPage(query, (page) => searchPage(page, options)),
    searchPage,
    delete: (experimentId, options) => post("delete", { experimentId }, options),
    restore: (experimentId, options) => post("restore", { experimentId }, options),
    update: (change, options) => post("update", change, options),
    setTag: (tag, options) => post("set-experiment-tag", tag, options),
    deleteTag: (tag, options) => post("delete-experiment-tag", tag, options),
  };
}

/** As MLflow sends it: empty lists are left out. */
type Sent = Omit<Experiment, "tags"> & { readonly tags?: readonly Tag[] };
const read = (sent: Sent): Experiment => ({ ...sent, tags: sent.tags ?? [] });
