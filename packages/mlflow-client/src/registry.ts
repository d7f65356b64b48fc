import type { Tag } from "./experiments.js";
import { everyPage, type Page, type Paging, pageOf } from "./pages.js";
import {
  type ModelVersion,
  type NewModelVersion,
  type NewRegisteredModel,
  readModel,
  readVersion,
  type RegisteredModel,
  type SentModel,
  type SentVersion,
} from "./registered-model.js";
import type { Call, CallOptions, Transport } from "./transport.js";

export interface RegistryQuery extends Paging {
  /** Such as `name LIKE 'mer%'`, for versions also `run_id = '…'`. */
  readonly filter?: string | undefined;
  /** Such as `["name ASC"]`; names as MLflow writes them. */
  readonly orderBy?: readonly string[] | undefined;
}

/** A registered model. */
export interface OfModel {
  readonly name: string;
}

/** A version of a registered model. */
export interface OfVersion extends OfModel {
  readonly version: string;
}

/**
 * The model registry: registered models, below `/api/2.0/mlflow/registered-models`, and their versions, below
 * `/api/2.0/mlflow/model-versions`. What is unknown is the error `RESOURCE_DOES_NOT_EXIST`.
 */
export interface Registry {
  /** `POST registered-models/create`. A taken name is `RESOURCE_ALREADY_EXISTS`; repeated only where not carried out. */
  createModel(model: NewRegisteredModel, options?: CallOptions): Promise<RegisteredModel>;
  /** `GET registered-models/get`. */
  getModel(name: string, options?: CallOptions): Promise<RegisteredModel>;
  /** `GET registered-models/search`: all that fit. Pages have 100 unless `maxResults` (at most 1000) says otherwise. */
  searchModels(query?: RegistryQuery, options?: CallOptions): AsyncGenerator<RegisteredModel, void, undefined>;
  /** One page of `searchModels`. */
  searchModelsPage(query?: RegistryQuery, options?: CallOptions): Promise<Page<RegisteredModel>>;
  /** `PATCH registered-models/update`: describes it otherwise. */
  updateModel(change: OfModel & { readonly description: string }, options?: CallOptions): Promise<RegisteredModel>;
  /** `POST registered-models/rename`. Repeated only where not carried out. */
  renameModel(change: OfModel & { readonly newName: string }, options?: CallOptions): Promise<RegisteredModel>;
  /** `DELETE registered-models/delete`: with all its versions, for good. */
  deleteModel(name: string, options?: CallOptions): Promise<void>;
  /** `POST registered-models/set-tag`: keys of at most 250 characters, values of at most 100,000. */
  setModelTag(tag: OfModel & Tag, options?: CallOptions): Promise<void>;
  /** `DELETE registered-models/delete-tag`. */
  deleteModelTag(tag: OfModel & { readonly key: string }, options?: CallOptions): Promise<void>;
  /** `POST registered-models/get-latest-versions`: the latest of each stage, or of these. MLflow advises aliases instead. */
  latestVersions(
    query: OfModel & { readonly stages?: readonly string[] },
    options?: CallOptions,
  ): Promise<readonly ModelVersion[]>;
  /** `POST registered-models/alias`: lets a name stand for a version; at most 255 letters, digits, `_` and `-`. */
  setAlias(alias: OfVersion & { readonly alias: string }, options?: CallOptions): Promise<void>;
  /** `DELETE registered-models/alias`. */
  deleteAlias(alias: OfModel & { readonly alias: string }, options?: CallOptions): Promise<void>;
  /** `GET registered-models/alias`. An unknown alias is the error `INVALID_PARAMETER_VALUE`. */
  getVersionByAlias(alias: OfModel & { readonly alias: string }, options?: CallOptions): Promise<ModelVersion>;

  /** `POST model-versions/create`. Not idempotent: two make two versions; repeated only where not carried out. */
  createVersion(version: NewModelVersion, options?: CallOptions): Promise<ModelVersion>;
  /** `GET model-versions/get`. */
  getVersion(version: OfVersion, options?: CallOptions): Promise<ModelVersion>;
  /** `GET model-versions/search`: all that fit. Pages have 10,000 unless `maxResults` (at most 200,000) says otherwise. */
  searchVersions(query?: RegistryQuery, options?: CallOptions): AsyncGenerator<ModelVersion, void, undefined>;
  /** One page of `searchVersions`. */
  searchVersionsPage(query?: RegistryQuery, options?: CallOptions): Promise<Page<ModelVersion>>;
  /** `PATCH model-versions/update`: describes it otherwise. */
  updateVersion(change: OfVersion & { readonly description: string }, options?: CallOptions): Promise<ModelVersion>;
  /** `POST model-versions/transition-stage`: to `Staging`, `Production`, `Archived` or `None`. MLflow advises aliases instead. */
  transitionVersion(
    change: OfVersion & { readonly stage: string; readonly archiveExistingVersions: boolean },
    options?: CallOptions,
  ): Promise<ModelVersion>;
  /** `DELETE model-versions/delete`: for good. */
  deleteVersion(version: OfVersion, options?: CallOptions): Promise<void>;
  /** `GET model-versions/get-download-uri`: where its artifacts are. */
  versionDownloadUri(version: OfVersion, options?: CallOptions): Promise<string>;
  /** `POST model-versions/set-tag`: keys of at most 250 characters, values of at most 100,000. */
  setVersionTag(tag: OfVersion & Tag, options?: CallOptions): Promise<void>;
  /** `DELETE model-versions/delete-tag`. */
  deleteVersionTag(tag: OfVersion & { readonly key: string }, options?: CallOptions): Promise<void>;
}

export function registry({ send }: Transport): Registry {
  const path = (name: string): string => `/api/2.0/mlflow/${name}`;
  const search = async <T>(name: string, query: RegistryQuery, options: CallOptions | undefined): Promise<T> =>
    send<T>({ method: "GET", path: path(`${name}/search`), query }, options);
  const tell = async (method: Call["method"], name: string, body: object, options: CallOptions | undefined) => {
    await send({ method, path: path(name), body }, options);
  };
  const model = async (call: Call, options: CallOptions | undefined): Promise<RegisteredModel> =>
    readModel((await send<{ registeredModel: SentModel }>(call, options)).registeredModel);
  const version = async (call: Call, options: CallOptions | undefined): Promise<ModelVersion> =>
    readVersion((await send<{ modelVersion: SentVersion }>(call, options)).modelVersion);

  const searchModelsPage: Registry["searchModelsPage"] = async (query = {}, options) => {
    type Found = { registeredModels?: SentModel[]; nextPageToken?: string };
    const { registeredModels = [], nextPageToken } = await search<Found>("registered-models", query, options);
    return pageOf(registeredModels.map(readModel), nextPageToken);
  };
  const searchVersionsPage: Registry["searchVersionsPage"] = async (query = {}, options) => {
    type Found = { modelVersions?: SentVersion[]; nextPageToken?: string };
    const { maxResults = 10_000 } = query; // the server would send 200,000
    const { modelVersions = [], nextPageToken } = await search<Found>(
      "model-versions",
      { ...query, maxResults },
      options,
    );
    return pageOf(modelVersions.map(readVersion), nextPageToken);
  };

  return {
    createModel: (body, options) =>
      model({ method: "POST", path: path("registered-models/create"), body, once: true }, options),
    getModel: (name, options) =>
      model({ method: "GET", path: path("registered-models/get"), query: { name } }, options),
    searchModels: (query = {}, options) => everyPage(query, (page) => searchModelsPage(page, options)),
    searchModelsPage,
    updateModel: (body, options) => model({ method: "PATCH", path: path("registered-models/update"), body }, options),
    renameModel: (body, options) =>
      model({ method: "POST", path: path("registered-models/rename"), body, once: true }, options),
    deleteModel: (name, options) => tell("DELETE", "registered-models/delete", { name }, options),
    setModelTag: (tag, options) => tell("POST", "registered-models/set-tag", tag, options),
    deleteModelTag: (tag, options) => tell("DELETE", "registered-models/delete-tag", tag, options),
    async latestVersions(body, options) {
      const call = { method: "POST", path: path("registered-models/get-latest-versions"), body } as const;
      const { modelVersions = [] } = await send<{ modelVersions?: SentVersion[] }>(call, options);
      return modelVersions.map(readVersion);
    },
    setAlias: (alias, options) => tell("POST", "registered-models/alias", alias, options),
    deleteAlias: (alias, options) => tell("DELETE", "registered-models/alias", alias, options),
    getVersionByAlias: (query, options) =>
      version({ method: "GET", path: path("registered-models/alias"), query }, options),

    createVersion: (body, options) =>
      version({ method: "POST", path: path("model-versions/create"), body, once: true }, options),
    getVersion: (query, options) => version({ method: "GET", path: path("model-versions/get"), query }, options),
    searchVersions: (query = {}, options) => everyPage(query, (page) => searchVersionsPage(page, options)),
    searchVersionsPage,
    updateVersion: (body, options) => version({ method: "PATCH", path: path("model-versions/update"), body }, options),
    transitionVersion: (body, options) =>
      version({ method: "POST", path: path("model-versions/transition-stage"), body }, options),
    deleteVersion: (body, options) => tell("DELETE", "model-versions/delete", body, options),
    async versionDownloadUri(query, options) {
      const call = { method: "GET", path: path("model-versions/get-download-uri"), query } as const;
      return (await send<{ artifactUri: string }>(call, options)).artifactUri;
    },
    setVersionTag: (tag, options) => tell("POST", "model-versions/set-tag", tag, options),
    deleteVersionTag: (tag, options) => tell("DELETE", "model-versions/delete-tag", tag, options),
  };
}
