import { type Client, createClient, type MlflowError } from "@everlearn/mlflow-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mlflowPython } from "./python.js";
import { type MlflowServer, startMlflow } from "./server.js";

const python = await mlflowPython();
if ("reason" in python) console.warn(`The client was not tried against a real MLflow: ${python.reason}`);

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** Whether these are the bytes of a stream or a file; `toEqual` would take a minute for them. */
const holds = async (found: Blob | ReadableStream<Uint8Array>, content: Uint8Array): Promise<boolean> =>
  Buffer.from(await new Response(found as Blob).arrayBuffer()).equals(content);
const failed = async (promise: Promise<unknown>): Promise<Partial<MlflowError>> =>
  promise.then(
    () => ({ code: "none" }),
    (error: unknown) => error as MlflowError,
  );

/** The client, and which of its calls were made. */
function observed(client: Client, calls: Set<string>): Client {
  const watch = (name: string, value: unknown): unknown => {
    if (typeof value === "function")
      return (...rest: unknown[]): unknown => {
        calls.add(name);
        return (value as (...rest: unknown[]) => unknown)(...rest);
      };
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, watch(`${name}.${key}`, one)]));
  };
  return watch("client", client) as Client;
}

const callsOf = (client: object, name = "client"): string[] =>
  Object.entries(client).flatMap(([key, value]) => {
    if (typeof value === "function") return [`${name}.${key}`];
    return typeof value === "object" && value !== null ? callsOf(value as object, `${name}.${key}`) : [];
  });

describe.skipIf("reason" in python).each([{ auth: false }, { auth: true }])(
  "a real MLflow, basic-auth: $auth",
  { timeout: 300_000 },
  ({ auth }) => {
    let server: MlflowServer;
    let client: Client;
    let plain: Client;
    const calls = new Set<string>();
    const missing = "RESOURCE_DOES_NOT_EXIST";

    beforeAll(async () => {
      server = await startMlflow({ python: "path" in python ? python.path : "", auth });
      plain = createClient({ environment: {}, trackingUri: server.uri, auth: server.auth });
      client = observed(plain, calls);
    }, 400_000);
    afterAll(() => server?.stop(), 60_000);

    let names = 0;
    const freshName = () => `experiment ${++names} – ä/€`;
    const freshExperiment = () => client.experiments.create({ name: freshName() });
    const freshRun = async () => {
      const { info } = await client.runs.create({ experimentId: await freshExperiment() });
      return info.runId;
    };

    it("keeps experiments", async () => {
      const { experiments } = client;
      const name = freshName();
      const before = Date.now();
      const experimentId = await experiments.create({ name, tags: [{ key: "team", value: "cl" }] });
      const one = await experiments.get(experimentId);
      expect(one).toMatchObject({ experimentId, name, lifecycleStage: "active", tags: [{ key: "team", value: "cl" }] });
      expect(one.artifactLocation).toMatch(/^mlflow-artifacts:/);
      expect(one.creationTime).toBeGreaterThan(before - 60_000);
      expect(await experiments.getByName(name)).toEqual(one);
      expect(await failed(experiments.create({ name }))).toMatchObject({
        code: "RESOURCE_ALREADY_EXISTS",
        status: 400,
      });
      expect(await failed(experiments.get("987654"))).toMatchObject({ code: missing, status: 404, attempts: 1 });
      expect(await failed(experiments.getByName("nobody's"))).toMatchObject({ code: missing });

      await experiments.update({ experimentId, newName: `${name}, renamed` });
      await experiments.setTag({ experimentId, key: "a/b", value: "" });
      expect(await experiments.get(experimentId)).toMatchObject({ name: `${name}, renamed` });
      expect((await experiments.get(experimentId)).tags).toContainEqual({ key: "a/b", value: "" });
      await experiments.deleteTag({ experimentId, key: "a/b" });
      expect(await failed(experiments.deleteTag({ experimentId, key: "a/b" }))).toMatchObject({ code: missing });
      expect((await experiments.get(experimentId)).tags).toEqual([{ key: "team", value: "cl" }]);

      await experiments.delete(experimentId);
      expect(await experiments.get(experimentId)).toMatchObject({ lifecycleStage: "deleted" });
      expect(await failed(experiments.delete(experimentId))).toMatchObject({ code: missing });
      const deleted = await all(experiments.search({ viewType: "DELETED_ONLY" }));
      expect(deleted.map((found) => found.experimentId)).toContain(experimentId);
      expect((await all(experiments.search())).map((found) => found.experimentId)).not.toContain(experimentId);
      await experiments.restore(experimentId);
      expect(await failed(experiments.restore(experimentId))).toMatchObject({ code: missing });
      expect(await experiments.get(experimentId)).toMatchObject({ lifecycleStage: "active" });
    });

    it("finds experiments, page after page", async () => {
      const { experiments } = client;
      const made = await Promise.all(
        Array.from({ length: 7 }, (_, i) =>
          experiments.create({ name: `paged-${i}`, tags: [{ key: "n", value: `${i}` }] }),
        ),
      );
      const query = { filter: "name LIKE 'paged-%'", orderBy: ["name DESC"], maxResults: 3 };
      const found = await all(experiments.search(query));
      expect(found.map(({ name }) => name)).toEqual([6, 5, 4, 3, 2, 1, 0].map((i) => `paged-${i}`));
      expect(found.map(({ experimentId }) => experimentId).toSorted()).toEqual(made.toSorted());
      const first = await experiments.searchPage(query);
      expect(first.items).toHaveLength(3);
      const { nextPageToken } = first;
      expect((await experiments.searchPage({ ...query, pageToken: nextPageToken })).items[0].name).toBe("paged-3");
      expect(await all(experiments.search({ filter: "tags.n = '4'" }))).toHaveLength(1);
    });

    it("has one experiment of a name, whoever asks for it first", async () => {
      const name = freshName();
      const asked = Array.from({ length: 50 }, () =>
        client.getOrCreateExperiment(name, { tags: [{ key: "k", value: "v" }] }),
      );
      const found = await Promise.all(asked);
      expect(new Set(found.map(({ experimentId }) => experimentId)).size).toBe(1);
      expect(found[49]).toMatchObject({ name, tags: [{ key: "k", value: "v" }] });
      expect(await client.getOrCreateExperiment(name)).toEqual(found[0]);
      await client.experiments.delete(found[0].experimentId);
      expect(await failed(client.getOrCreateExperiment(name))).toMatchObject({
        code: "INVALID_STATE",
        message: expect.stringContaining(`experiments.restore("${found[0].experimentId}")`),
      });
    });

    it("keeps runs", async () => {
      const { runs } = client;
      const experimentId = await freshExperiment();
      const before = Date.now();
      const { info, data } = await runs.create({ experimentId, runName: "first", tags: [{ key: "a", value: "ü" }] });
      const { runId } = info;
      expect(info).toMatchObject({ experimentId, runName: "first", status: "RUNNING", lifecycleStage: "active" });
      expect(info.startTime).toBeGreaterThanOrEqual(before);
      expect(info).not.toHaveProperty("endTime");
      expect(data.tags).toContainEqual({ key: "a", value: "ü" });
      expect(await runs.get(runId)).toMatchObject({ info, outputs: { modelOutputs: [] } });

      const changed = await runs.update({ runId, status: "FINISHED", endTime: before + 5000, runName: "renamed" });
      expect(changed).toMatchObject({ runId, status: "FINISHED", endTime: before + 5000, runName: "renamed" });
      expect((await runs.get(runId)).info).toEqual(changed);

      await runs.setTag({ runId, key: "b", value: "x".repeat(5000) });
      await runs.setTag({ runId, key: "b", value: "two" });
      expect((await runs.get(runId)).data.tags).toContainEqual({ key: "b", value: "two" });
      await runs.deleteTag({ runId, key: "b" });
      expect(await failed(runs.deleteTag({ runId, key: "b" }))).toMatchObject({ code: missing });

      await runs.logParameter({ runId, key: "learner", value: "mer" });
      await runs.logParameter({ runId, key: "learner", value: "mer" });
      expect(await failed(runs.logParameter({ runId, key: "learner", value: "er" }))).toMatchObject({
        code: "INVALID_PARAMETER_VALUE",
        status: 400,
      });
      expect((await runs.get(runId)).data.params).toEqual([{ key: "learner", value: "mer" }]);

      await runs.delete(runId);
      await runs.delete(runId);
      expect((await runs.get(runId)).info.lifecycleStage).toBe("deleted");
      expect(await all(runs.search({ experimentIds: [experimentId] }))).toEqual([]);
      expect(await all(runs.search({ experimentIds: [experimentId], runViewType: "DELETED_ONLY" }))).toHaveLength(1);
      await runs.restore(runId);
      await runs.restore(runId);
      expect((await runs.get(runId)).info.lifecycleStage).toBe("active");
      expect(await failed(runs.get("0".repeat(32)))).toMatchObject({ code: missing });
    });

    it("finds runs, page after page", async () => {
      const { runs } = client;
      const experimentId = await freshExperiment();
      for (let i = 0; i < 7; i++) {
        const { info } = await runs.create({ experimentId, runName: `run ${i}` });
        await runs.logMetric({ runId: info.runId, key: "accuracy", value: i / 10 });
      }
      const query = {
        experimentIds: [experimentId],
        filter: "metrics.accuracy > 0.15",
        orderBy: ["metrics.accuracy ASC"],
        maxResults: 2,
      };
      const found = await all(runs.search(query));
      expect(found.map(({ info }) => info.runName)).toEqual([2, 3, 4, 5, 6].map((i) => `run ${i}`));
      const first = await runs.searchPage(query);
      expect(first).toMatchObject({ items: [{}, {}], nextPageToken: expect.any(String) });
      expect(await failed(runs.searchPage({ ...query, maxResults: 50_001 }))).toMatchObject({
        code: "INVALID_PARAMETER_VALUE",
      });
      expect(await failed(runs.searchPage({ ...query, filter: "no filter" }))).toMatchObject({
        code: "INVALID_PARAMETER_VALUE",
      });
    });

    it.each(["plain", "it's one", 'say "it"', "back\\slash", "50% ü_😀", "a\nb"])(
      "finds or makes the run tagged %j",
      async (value) => {
        const { runs } = client;
        const experimentId = await freshExperiment();
        await runs.create({ experimentId, tags: [{ key: "cell/seed 1", value: "another" }] });
        const tag = { key: "cell/seed 1", value };
        const first = await runs.getOrCreate({ experimentId, runName: "mine" }, tag);
        const second = await runs.getOrCreate({ experimentId, runName: "mine" }, tag);
        expect(second.info).toEqual(first.info);
        expect(first.data.tags).toContainEqual(tag);
        expect(await all(runs.search({ experimentIds: [experimentId] }))).toHaveLength(2);
      },
    );

    it("keeps a metric's values once, and answers them in pages", async () => {
      const { runs } = client;
      const runId = await freshRun();
      const points = Array.from({ length: 25 }, (_, step) => ({
        key: "a/b c",
        value: Math.sqrt(step) - 2,
        timestamp: 1e12 + step,
        step,
      }));
      for (const point of points) await runs.logMetric({ runId, ...point });
      await runs.logMetric({ runId, ...points[3] });
      const history = await all(runs.metricHistory({ runId, metricKey: "a/b c", maxResults: 10 }));
      expect(history).toEqual(points.map((point) => expect.objectContaining(point)));
      expect(await all(runs.metricHistory({ runId, metricKey: "a/b c" }))).toEqual(history);
      const page = await runs.metricHistoryPage({ runId, metricKey: "a/b c", maxResults: 10 });
      expect(page).toMatchObject({ items: history.slice(0, 10), nextPageToken: expect.any(String) });
      expect((await runs.get(runId)).data.metrics).toMatchObject([points[24]]);
      expect(await all(runs.metricHistory({ runId, metricKey: "none" }))).toEqual([]);

      const other = await freshRun();
      await runs.logMetric({ runId: other, key: "a/b c", value: 7, step: 5 });
      const both = await runs.metricHistories({ runIds: [runId, other], metricKey: "a/b c", startStep: 4, endStep: 6 });
      expect(both.map(({ runId, step }) => [runId, step])).toEqual([
        [runId, 4],
        [runId, 5],
        [runId, 6],
        [other, 5],
      ]);
      expect((await runs.metricHistories({ runIds: [runId], metricKey: "a/b c", maxResults: 5 })).length).toBeLessThan(
        25,
      );
    });

    it("keeps -0, tiny and huge values, and what another client logged as NaN", async () => {
      const { runs } = client;
      const runId = await freshRun();
      const values = [-0, 5e-324, 1.797e308, 0.1 + 0.2, -1e-300];
      for (const [step, value] of values.entries())
        await runs.logMetric({ runId, key: "m", value, step, timestamp: 1 });
      const headers: Record<string, string> = { "content-type": "application/json" };
      if (server.auth) headers.authorization = `Basic ${btoa(`${server.auth.username}:${server.auth.password}`)}`;
      const body = JSON.stringify({ run_id: runId, key: "m", value: "NaN", step: 9, timestamp: 1 });
      await fetch(`${server.uri}/api/2.0/mlflow/runs/log-metric`, { method: "POST", headers, body });
      const history = await all(runs.metricHistory({ runId, metricKey: "m" }));
      expect(history.map(({ value }) => value + 0)).toEqual([...values, Number.NaN].map((value) => value + 0));
    });

    it("takes a batch of any size", async () => {
      const { runs } = client;
      const runId = await freshRun();
      const metrics = Array.from({ length: 20_000 }, (_, step) => ({
        key: "loss",
        value: 1 / (step + 1),
        timestamp: 1e12,
        step,
      }));
      const pairs = (count: number, value: string) =>
        Array.from({ length: count }, (_, i) => ({ key: `k${i}`, value }));
      const params = pairs(250, "ü".repeat(3000));
      const tags = pairs(120, "€".repeat(5000)); // 3.3 MB of params and tags
      const start = performance.now();
      await runs.logBatch({ runId, metrics });
      console.log(
        `20,000 metric points logged in ${((performance.now() - start) / 1000).toFixed(2)} s (basic-auth: ${auth}).`,
      );
      await runs.logBatch({ runId, params, tags });
      await runs.logBatch({ runId, metrics: metrics.slice(0, 2000), params }); // once more changes nothing
      const history = await all(runs.metricHistory({ runId, metricKey: "loss", maxResults: 7000 }));
      expect(history.map(({ step, value }) => [step, value])).toEqual(metrics.map(({ step, value }) => [step, value]));
      const { data } = await runs.get(runId);
      expect(data.params).toHaveLength(250);
      expect(data.params.every(({ value }) => value === params[0].value)).toBe(true);
      expect(data.tags.filter(({ key }) => /^k\d+$/.test(key))).toHaveLength(120);
      expect(data.tags.find(({ key }) => key === "k119")).toEqual(tags[119]);
    });

    it("keeps data sets and models that runs read and make", async () => {
      const { runs, models } = client;
      const runId = await freshRun();
      const { experimentId } = (await runs.get(runId)).info;
      const { info } = await models.create({ experimentId, name: "net" });
      const dataset = {
        name: "mnist",
        digest: "x".repeat(36),
        sourceType: "http",
        source: '{"url":"https://example.org/mnist"}',
        schema: "{}",
        profile: '{"num_rows": 60000}',
      };
      const input = { dataset, tags: [{ key: "mlflow.data.context", value: "training" }] };
      await runs.logInputs({ runId, datasets: [input], models: [{ modelId: info.modelId }] });
      await runs.logInputs({ runId, datasets: [input] });
      await runs.logOutputs({ runId, models: [{ modelId: info.modelId, step: 3 }] });
      const { inputs, outputs } = await runs.get(runId);
      expect(inputs.datasetInputs).toEqual([input]);
      expect(inputs.modelInputs).toEqual([{ modelId: info.modelId }]);
      expect(outputs.modelOutputs).toEqual([{ modelId: info.modelId, step: 3 }]);
      const long = { ...dataset, digest: "x".repeat(37) };
      expect(await failed(runs.logInputs({ runId, datasets: [{ dataset: long }] }))).toMatchObject({ status: 400 });
    });

    it("keeps artifacts of runs and models, to the byte", async () => {
      const { artifacts, models } = client;
      const runId = await freshRun();
      const { experimentId } = (await client.runs.get(runId)).info;
      const model = await models.create({ experimentId });
      const content = new Uint8Array(3_000_000).map((_, i) => (i * 31 + (i >> 8)) & 255);
      for (const owner of [{ runId }, { modelId: model.info.modelId }]) {
        const chunks = new Blob([content]).stream();
        await artifacts.upload(owner, "bytes.bin", content);
        await artifacts.upload(owner, "deep/er/größe 100% +&=?;.txt", "Grüße");
        await artifacts.upload(owner, "deep/blob", new Blob(["{}"], { type: "application/json" }));
        await artifacts.upload(owner, "deep/stream", chunks);
        await artifacts.upload(owner, "empty", "");
        expect(await artifacts.list(owner)).toEqual([
          { path: "bytes.bin", isDir: false, fileSize: 3_000_000 },
          { path: "deep", isDir: true },
          { path: "empty", isDir: false },
        ]);
        const deep = await artifacts.list(owner, "deep");
        expect(deep.map(({ path }) => path)).toEqual(["deep/blob", "deep/er", "deep/stream"]);
        expect(await artifacts.list(owner, "deep/er")).toMatchObject([{ path: "deep/er/größe 100% +&=?;.txt" }]);
        expect(await artifacts.list(owner, "nothing")).toEqual([]);
        expect(await holds(await artifacts.download(owner, "bytes.bin"), content)).toBe(true);
        expect(await holds(await artifacts.download(owner, "deep/stream"), content)).toBe(true);
        expect(await holds(await artifacts.open(owner, "bytes.bin"), content)).toBe(true);
        expect(await (await artifacts.download(owner, "deep/er/größe 100% +&=?;.txt")).text()).toBe("Grüße");
        expect((await artifacts.download(owner, "empty")).size).toBe(0);
        await artifacts.upload(owner, "bytes.bin", "replaced");
        expect(await (await artifacts.download(owner, "bytes.bin")).text()).toBe("replaced");
        await artifacts.delete(owner, "deep");
        expect((await artifacts.list(owner)).map(({ path }) => path)).toEqual(["bytes.bin", "empty"]);
        expect(await failed(artifacts.download(owner, "deep/blob"))).toMatchObject({ status: 404 });
      }
    });

    it("keeps logged models", async () => {
      const { models } = client;
      const runId = await freshRun();
      const { experimentId } = (await client.runs.get(runId)).info;
      const model = await models.create({
        experimentId,
        name: "net",
        modelType: "mlp",
        sourceRunId: runId,
        params: [{ key: "hidden", value: "100" }],
        tags: [{ key: "t", value: "1" }],
      });
      const { modelId } = model.info;
      expect(model.info).toMatchObject({
        name: "net",
        modelType: "mlp",
        sourceRunId: runId,
        status: "LOGGED_MODEL_PENDING",
      });
      const ready = await models.finalize({ modelId, status: "LOGGED_MODEL_READY" });
      expect(ready.info.status).toBe("LOGGED_MODEL_READY");
      await models.logParams({ modelId, params: [{ key: "depth", value: "2" }] });
      await models.setTags({ modelId, tags: [{ key: "u", value: "2" }] });
      await models.deleteTag({ modelId, key: "t" });
      expect(await failed(models.deleteTag({ modelId, key: "t" }))).toMatchObject({ code: missing });
      await client.runs.logMetric({
        runId,
        modelId,
        key: "accuracy",
        value: 0.9,
        datasetName: "mnist",
        datasetDigest: "d",
      });
      const one = await models.get(modelId);
      expect(one.info.tags).toEqual([{ key: "u", value: "2" }]);
      expect(one.data.params.toSorted((a, b) => a.key.localeCompare(b.key))).toEqual([
        { key: "depth", value: "2" },
        { key: "hidden", value: "100" },
      ]);
      expect(one.data.metrics).toMatchObject([{ key: "accuracy", value: 0.9, datasetName: "mnist", modelId, runId }]);

      for (let i = 0; i < 4; i++) await models.create({ experimentId, name: `other-${i}` });
      const query = {
        experimentIds: [experimentId],
        maxResults: 2,
        orderBy: [{ fieldName: "creation_timestamp", ascending: true }],
      };
      const found = await all(models.search(query));
      expect(found.map(({ info }) => info.name)).toEqual(["net", "other-0", "other-1", "other-2", "other-3"]);
      expect((await models.searchPage(query)).items).toHaveLength(2);
      const good = {
        experimentIds: [experimentId],
        filter: "metrics.accuracy > 0.5",
        datasets: [{ datasetName: "mnist", datasetDigest: "d" }],
      };
      expect((await all(models.search(good))).map(({ info }) => info.modelId)).toEqual([modelId]);
      await models.delete(modelId);
      expect(await failed(models.get(modelId))).toMatchObject({ code: missing });
    });

    it("keeps a model registry", async () => {
      const { registry } = client;
      const runId = await freshRun();
      const { artifactUri } = (await client.runs.get(runId)).info;
      const name = `model ${++names}`;
      const made = await registry.createModel({ name, description: "one", tags: [{ key: "t", value: "1" }] });
      expect(made).toMatchObject({ name, description: "one", tags: [{ key: "t", value: "1" }], latestVersions: [] });
      expect(await failed(registry.createModel({ name }))).toMatchObject({
        code: "RESOURCE_ALREADY_EXISTS",
        status: 400,
      });
      expect(await registry.updateModel({ name, description: "two" })).toMatchObject({ description: "two" });
      await registry.setModelTag({ name, key: "u", value: "ü" });
      await registry.deleteModelTag({ name, key: "t" });
      expect((await registry.getModel(name)).tags).toEqual([{ key: "u", value: "ü" }]);

      const source = `${artifactUri}/model`;
      const one = await registry.createVersion({
        name,
        source,
        runId,
        description: "first",
        tags: [{ key: "v", value: "1" }],
      });
      expect(one).toMatchObject({ name, version: "1", source, runId, status: "READY", description: "first" });
      const { version } = await registry.createVersion({ name, source, runId });
      expect(version).toBe("2");
      expect(await registry.updateVersion({ name, version, description: "second" })).toMatchObject({
        description: "second",
      });
      await registry.setVersionTag({ name, version, key: "w", value: "2" });
      await registry.setVersionTag({ name, version, key: "x", value: "3" });
      await registry.deleteVersionTag({ name, version, key: "x" });
      await registry.setAlias({ name, version, alias: "champion" });
      const champion = await registry.getVersionByAlias({ name, alias: "champion" });
      expect(champion).toMatchObject({ version, tags: [{ key: "w", value: "2" }], aliases: ["champion"] });
      expect(await registry.getVersion({ name, version })).toMatchObject({
        description: "second",
        aliases: ["champion"],
      });
      expect((await registry.getModel(name)).aliases).toEqual([{ alias: "champion", version }]);
      await registry.deleteAlias({ name, alias: "champion" });
      expect(await failed(registry.getVersionByAlias({ name, alias: "champion" }))).toMatchObject({
        code: "INVALID_PARAMETER_VALUE",
      });
      expect(await registry.versionDownloadUri({ name, version })).toBe(source);
      const staged = await registry.transitionVersion({
        name,
        version: "1",
        stage: "Staging",
        archiveExistingVersions: false,
      });
      expect(staged).toMatchObject({ version: "1", currentStage: "Staging" });
      expect((await registry.latestVersions({ name, stages: ["Staging"] })).map((found) => found.version)).toEqual([
        "1",
      ]);

      const versions = { filter: `name = '${name}'`, orderBy: ["version_number ASC"], maxResults: 1 };
      expect((await all(registry.searchVersions(versions))).map((found) => found.version)).toEqual(["1", "2"]);
      expect(await registry.searchVersionsPage(versions)).toMatchObject({
        items: [{}],
        nextPageToken: expect.any(String),
      });
      for (let i = 0; i < 3; i++) await registry.createModel({ name: `paged ${names} ${i}` });
      const models = { filter: `name LIKE 'paged ${names}%'`, orderBy: ["name ASC"], maxResults: 2 };
      expect((await all(registry.searchModels(models))).map((found) => found.name)).toEqual(
        [0, 1, 2].map((i) => `paged ${names} ${i}`),
      );
      expect((await registry.searchModelsPage(models)).items).toHaveLength(2);

      await registry.deleteVersion({ name, version });
      expect(await failed(registry.getVersion({ name, version }))).toMatchObject({ code: missing });
      await registry.renameModel({ name, newName: `${name}, renamed` });
      await registry.deleteModel(`${name}, renamed`);
      expect(await failed(registry.getModel(`${name}, renamed`))).toMatchObject({ code: missing });
    });

    it("takes a run that names no experiment", async () => {
      const options = { trackingUri: server.uri, auth: server.auth };
      const name = freshName();
      const mine = createClient({ ...options, environment: { MLFLOW_EXPERIMENT_NAME: name } });
      const { info } = await mine.runs.create();
      expect((await mine.experiments.get(info.experimentId)).name).toBe(name);
      expect((await plain.runs.create()).info.experimentId).toBe("0");
    });

    it("ends a call with its signal, and goes on", async () => {
      const ended = new AbortController();
      const call = client.runs.get(await freshRun(), { signal: ended.signal });
      ended.abort(new Error("enough"));
      await expect(call).rejects.toThrow("enough");
      await expect(client.experiments.get("0")).resolves.toMatchObject({ name: "Default" });
    });

    it("lets in who has the right password, where it wants one, and the client repeats none", async () => {
      const options = { environment: {}, trackingUri: server.uri };
      const password = "n0t the right 0ne";
      const nobody = createClient(options);
      const stranger = createClient({ ...options, auth: { username: "admin", password } });
      for (const one of [nobody, stranger]) {
        const error = await failed(one.experiments.get("0"));
        expect(error).toMatchObject(auth ? { status: 401, code: "UNAUTHENTICATED", attempts: 1 } : { code: "none" });
        expect(`${error.message} ${JSON.stringify(error)}`).not.toContain(password);
      }
      const { username, password: right } = server.auth ?? { username: "anybody", password: "anything" };
      const inside = server.uri.replace("//", `//${username}:${encodeURIComponent(right)}@`);
      const known = createClient({ environment: { MLFLOW_TRACKING_URI: inside } });
      expect(await known.experiments.get("0")).toMatchObject({ name: "Default" });
      expect(known.trackingUri).toBe(server.uri);
    });

    it("had every call of the client", () => {
      expect([...calls].toSorted()).toEqual(callsOf(plain).toSorted());
    });
  },
);

it.skipIf("reason" in python)("a real MLflow is gone when it was stopped", { timeout: 400_000 }, async () => {
  const server = await startMlflow({ python: "path" in python ? python.path : "" });
  const { experiments } = createClient({ environment: {}, trackingUri: server.uri, retries: 0 });
  expect(await experiments.get("0")).toMatchObject({ name: "Default" });
  await server.stop();
  const connects = async () => (await failed(experiments.get("0"))).ambiguous;
  await expect.poll(connects, { timeout: 10_000 }).toBe(false); // no connection, after the broken old one
});
