import { describe, expect, it } from "vitest";
import { type Client, createClient } from "../src/index.js";
import { loopback, reply } from "./loopback.js";

/** What each call asks of MLflow's REST API: the path below `/api/2.0/`, and the fields of query or body. */
const calls: Readonly<Record<string, readonly [(client: Client) => unknown, string, object?]>> = {
  "experiments.create": [
    ({ experiments }) =>
      experiments.create({ name: "e", artifactLocation: "s3://x", tags: [{ key: "k", value: "v" }] }),
    "POST mlflow/experiments/create",
    { name: "e", artifact_location: "s3://x", tags: [{ key: "k", value: "v" }] },
  ],
  "experiments.get": [({ experiments }) => experiments.get("1"), "GET mlflow/experiments/get", { experiment_id: "1" }],
  "experiments.getByName": [
    ({ experiments }) => experiments.getByName("e&f"),
    "GET mlflow/experiments/get-by-name",
    { experiment_name: "e&f" },
  ],
  "experiments.searchPage": [
    ({ experiments }) => experiments.searchPage({ viewType: "ALL", orderBy: ["name ASC"], pageToken: "t" }),
    "POST mlflow/experiments/search",
    { view_type: "ALL", order_by: ["name ASC"], page_token: "t", max_results: 1000 },
  ],
  "experiments.delete": [
    ({ experiments }) => experiments.delete("1"),
    "POST mlflow/experiments/delete",
    { experiment_id: "1" },
  ],
  "experiments.restore": [
    ({ experiments }) => experiments.restore("1"),
    "POST mlflow/experiments/restore",
    { experiment_id: "1" },
  ],
  "experiments.update": [
    ({ experiments }) => experiments.update({ experimentId: "1", newName: "n" }),
    "POST mlflow/experiments/update",
    { experiment_id: "1", new_name: "n" },
  ],
  "experiments.setTag": [
    ({ experiments }) => experiments.setTag({ experimentId: "1", key: "k", value: "v" }),
    "POST mlflow/experiments/set-experiment-tag",
    { experiment_id: "1", key: "k", value: "v" },
  ],
  "experiments.deleteTag": [
    ({ experiments }) => experiments.deleteTag({ experimentId: "1", key: "k" }),
    "POST mlflow/experiments/delete-experiment-tag",
    { experiment_id: "1", key: "k" },
  ],
  "runs.create": [
    ({ runs }) => runs.create({ experimentId: "1", runName: "n", startTime: 2, tags: [] }),
    "POST mlflow/runs/create",
    { experiment_id: "1", run_name: "n", start_time: 2, tags: [] },
  ],
  "runs.get": [({ runs }) => runs.get("r"), "GET mlflow/runs/get", { run_id: "r" }],
  "runs.searchPage": [
    ({ runs }) => runs.searchPage({ experimentIds: ["1"], runViewType: "ALL", maxResults: 3 }),
    "POST mlflow/runs/search",
    { experiment_ids: ["1"], run_view_type: "ALL", max_results: 3 },
  ],
  "runs.update": [
    ({ runs }) => runs.update({ runId: "r", status: "FAILED", endTime: 3 }),
    "POST mlflow/runs/update",
    { run_id: "r", status: "FAILED", end_time: 3 },
  ],
  "runs.delete": [({ runs }) => runs.delete("r"), "POST mlflow/runs/delete", { run_id: "r" }],
  "runs.restore": [({ runs }) => runs.restore("r"), "POST mlflow/runs/restore", { run_id: "r" }],
  "runs.logMetric": [
    ({ runs }) => runs.logMetric({ runId: "r", key: "m", value: 1, timestamp: 5 }),
    "POST mlflow/runs/log-metric",
    { run_id: "r", key: "m", value: 1, timestamp: 5, step: 0 },
  ],
  "runs.logParameter": [
    ({ runs }) => runs.logParameter({ runId: "r", key: "p", value: "" }),
    "POST mlflow/runs/log-parameter",
    { run_id: "r", key: "p", value: "" },
  ],
  "runs.logBatch": [
    ({ runs }) => runs.logBatch({ runId: "r", tags: [{ key: "k", value: "v" }] }),
    "POST mlflow/runs/log-batch",
    { run_id: "r", metrics: [], params: [], tags: [{ key: "k", value: "v" }] },
  ],
  "runs.setTag": [
    ({ runs }) => runs.setTag({ runId: "r", key: "k", value: "v" }),
    "POST mlflow/runs/set-tag",
    { run_id: "r", key: "k", value: "v" },
  ],
  "runs.deleteTag": [
    ({ runs }) => runs.deleteTag({ runId: "r", key: "k" }),
    "POST mlflow/runs/delete-tag",
    { run_id: "r", key: "k" },
  ],
  "runs.logInputs": [
    ({ runs }) =>
      runs.logInputs({
        runId: "r",
        datasets: [{ dataset: { name: "n", digest: "d", sourceType: "http", source: "s" } }],
        models: [{ modelId: "m" }],
      }),
    "POST mlflow/runs/log-inputs",
    {
      run_id: "r",
      datasets: [{ dataset: { name: "n", digest: "d", source_type: "http", source: "s" } }],
      models: [{ model_id: "m" }],
    },
  ],
  "runs.logOutputs": [
    ({ runs }) => runs.logOutputs({ runId: "r", models: [{ modelId: "m", step: 1 }] }),
    "POST mlflow/runs/outputs",
    { run_id: "r", models: [{ model_id: "m", step: 1 }] },
  ],
  "runs.metricHistoryPage": [
    ({ runs }) => runs.metricHistoryPage({ runId: "r", metricKey: "m" }),
    "GET mlflow/metrics/get-history",
    { run_id: "r", metric_key: "m", max_results: "10000" },
  ],
  "runs.metricHistories": [
    ({ runs }) => runs.metricHistories({ runIds: ["r"], metricKey: "m", startStep: 1, endStep: 2, maxResults: 3 }),
    "GET mlflow/metrics/get-history-bulk-interval",
    { run_ids: "r", metric_key: "m", start_step: "1", end_step: "2", max_results: "3" },
  ],
  "registry.createModel": [
    ({ registry }) => registry.createModel({ name: "n", description: "d" }),
    "POST mlflow/registered-models/create",
    { name: "n", description: "d" },
  ],
  "registry.getModel": [({ registry }) => registry.getModel("n"), "GET mlflow/registered-models/get", { name: "n" }],
  "registry.searchModelsPage": [
    ({ registry }) => registry.searchModelsPage({ filter: "f", orderBy: ["name ASC"] }),
    "GET mlflow/registered-models/search",
    { filter: "f", order_by: "name ASC" },
  ],
  "registry.updateModel": [
    ({ registry }) => registry.updateModel({ name: "n", description: "d" }),
    "PATCH mlflow/registered-models/update",
    { name: "n", description: "d" },
  ],
  "registry.renameModel": [
    ({ registry }) => registry.renameModel({ name: "n", newName: "m" }),
    "POST mlflow/registered-models/rename",
    { name: "n", new_name: "m" },
  ],
  "registry.deleteModel": [
    ({ registry }) => registry.deleteModel("n"),
    "DELETE mlflow/registered-models/delete",
    { name: "n" },
  ],
  "registry.setModelTag": [
    ({ registry }) => registry.setModelTag({ name: "n", key: "k", value: "v" }),
    "POST mlflow/registered-models/set-tag",
    { name: "n", key: "k", value: "v" },
  ],
  "registry.deleteModelTag": [
    ({ registry }) => registry.deleteModelTag({ name: "n", key: "k" }),
    "DELETE mlflow/registered-models/delete-tag",
    { name: "n", key: "k" },
  ],
  "registry.latestVersions": [
    ({ registry }) => registry.latestVersions({ name: "n", stages: ["Staging"] }),
    "POST mlflow/registered-models/get-latest-versions",
    { name: "n", stages: ["Staging"] },
  ],
  "registry.setAlias": [
    ({ registry }) => registry.setAlias({ name: "n", version: "1", alias: "a" }),
    "POST mlflow/registered-models/alias",
    { name: "n", version: "1", alias: "a" },
  ],
  "registry.deleteAlias": [
    ({ registry }) => registry.deleteAlias({ name: "n", alias: "a" }),
    "DELETE mlflow/registered-models/alias",
    { name: "n", alias: "a" },
  ],
  "registry.getVersionByAlias": [
    ({ registry }) => registry.getVersionByAlias({ name: "n", alias: "a" }),
    "GET mlflow/registered-models/alias",
    { name: "n", alias: "a" },
  ],
  "registry.createVersion": [
    ({ registry }) => registry.createVersion({ name: "n", source: "s", runId: "r", runLink: "l", modelId: "m" }),
    "POST mlflow/model-versions/create",
    { name: "n", source: "s", run_id: "r", run_link: "l", model_id: "m" },
  ],
  "registry.getVersion": [
    ({ registry }) => registry.getVersion({ name: "n", version: "1" }),
    "GET mlflow/model-versions/get",
    { name: "n", version: "1" },
  ],
  "registry.searchVersionsPage": [
    ({ registry }) => registry.searchVersionsPage({ filter: "f" }),
    "GET mlflow/model-versions/search",
    { filter: "f", max_results: "10000" },
  ],
  "registry.updateVersion": [
    ({ registry }) => registry.updateVersion({ name: "n", version: "1", description: "d" }),
    "PATCH mlflow/model-versions/update",
    { name: "n", version: "1", description: "d" },
  ],
  "registry.transitionVersion": [
    ({ registry }) =>
      registry.transitionVersion({ name: "n", version: "1", stage: "Staging", archiveExistingVersions: true }),
    "POST mlflow/model-versions/transition-stage",
    { name: "n", version: "1", stage: "Staging", archive_existing_versions: true },
  ],
  "registry.deleteVersion": [
    ({ registry }) => registry.deleteVersion({ name: "n", version: "1" }),
    "DELETE mlflow/model-versions/delete",
    { name: "n", version: "1" },
  ],
  "registry.versionDownloadUri": [
    ({ registry }) => registry.versionDownloadUri({ name: "n", version: "1" }),
    "GET mlflow/model-versions/get-download-uri",
    { name: "n", version: "1" },
  ],
  "registry.setVersionTag": [
    ({ registry }) => registry.setVersionTag({ name: "n", version: "1", key: "k", value: "v" }),
    "POST mlflow/model-versions/set-tag",
    { name: "n", version: "1", key: "k", value: "v" },
  ],
  "registry.deleteVersionTag": [
    ({ registry }) => registry.deleteVersionTag({ name: "n", version: "1", key: "k" }),
    "DELETE mlflow/model-versions/delete-tag",
    { name: "n", version: "1", key: "k" },
  ],
  "models.create": [
    ({ models }) => models.create({ experimentId: "1", modelType: "t", sourceRunId: "r" }),
    "POST mlflow/logged-models",
    { experiment_id: "1", model_type: "t", source_run_id: "r" },
  ],
  "models.finalize": [
    ({ models }) => models.finalize({ modelId: "m", status: "LOGGED_MODEL_READY" }),
    "PATCH mlflow/logged-models/m",
    { model_id: "m", status: "LOGGED_MODEL_READY" },
  ],
  "models.get": [({ models }) => models.get("m"), "GET mlflow/logged-models/m"],
  "models.searchPage": [
    ({ models }) => models.searchPage({ experimentIds: ["1"], orderBy: [{ fieldName: "f", datasetName: "d" }] }),
    "POST mlflow/logged-models/search",
    { experiment_ids: ["1"], order_by: [{ field_name: "f", dataset_name: "d" }] },
  ],
  "models.setTags": [
    ({ models }) => models.setTags({ modelId: "m", tags: [{ key: "k", value: "v" }] }),
    "PATCH mlflow/logged-models/m/tags",
    { model_id: "m", tags: [{ key: "k", value: "v" }] },
  ],
  "models.deleteTag": [
    ({ models }) => models.deleteTag({ modelId: "m", key: "a b" }),
    "DELETE mlflow/logged-models/m/tags/a%20b",
  ],
  "models.logParams": [
    ({ models }) => models.logParams({ modelId: "m", params: [{ key: "k", value: "v" }] }),
    "POST mlflow/logged-models/m/params",
    { model_id: "m", params: [{ key: "k", value: "v" }] },
  ],
  "models.delete": [({ models }) => models.delete("m"), "DELETE mlflow/logged-models/m"],
};

describe("a call", () => {
  it.each(Object.entries(calls))("%s asks MLflow as it wants to be asked", async (_, [call, path, fields = {}]) => {
    const answer = {
      experiment: {},
      run: { info: {} },
      model: { info: {} },
      registered_model: {},
      model_version: {},
    };
    const { url, arrived } = await loopback((_, response) => reply(response, 200, answer));
    await call(createClient({ environment: {}, trackingUri: url, retries: 0 }));
    expect(arrived).toHaveLength(1);
    const { pathname, searchParams } = new URL(arrived[0].url, "http://x");
    expect(`${arrived[0].method} ${pathname}`).toBe(path.replace(" ", " /api/2.0/"));
    expect({ ...Object.fromEntries(searchParams), ...(JSON.parse(arrived[0].body || "{}") as object) }).toEqual(fields);
  });

  it("that is not shown here is made of those that are, or of artifacts", () => {
    const { experiments, runs, registry, models } = createClient({ environment: {}, trackingUri: "http://host" });
    const every = Object.entries({ experiments, runs, registry, models }).flatMap(([name, group]) =>
      Object.keys(group).map((call) => `${name}.${call}`),
    );
    expect(every.filter((call) => !(call in calls))).toEqual([
      "experiments.search",
      "runs.getOrCreate",
      "runs.search",
      "runs.metricHistory",
      "registry.searchModels",
      "registry.searchVersions",
      "models.search",
    ]);
  });
});
