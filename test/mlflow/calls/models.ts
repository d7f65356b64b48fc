import { expect, it } from "vitest";
import { all, failed, holds, missing, type World } from "../world.js";

/** Artifacts, logged models and the registry of models. */
export function itKeepsModels(the: World): void {
  it("keeps artifacts of runs and models, to the byte", async () => {
    const { artifacts, models } = the.client;
    const runId = await the.freshRun();
    const { experimentId } = (await the.client.runs.get(runId)).info;
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
    const { models } = the.client;
    const runId = await the.freshRun();
    const { experimentId } = (await the.client.runs.get(runId)).info;
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
    await the.client.runs.logMetric({
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
    const { registry } = the.client;
    const runId = await the.freshRun();
    const { artifactUri } = (await the.client.runs.get(runId)).info;
    const number = the.freshNumber();
    const name = `model ${number}`;
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
    expect((await registry.latestVersions({ name, stages: ["Staging"] })).map((found) => found.version)).toEqual(["1"]);

    const versions = { filter: `name = '${name}'`, orderBy: ["version_number ASC"], maxResults: 1 };
    expect((await all(registry.searchVersions(versions))).map((found) => found.version)).toEqual(["1", "2"]);
    expect(await registry.searchVersionsPage(versions)).toMatchObject({
      items: [{}],
      nextPageToken: expect.any(String),
    });
    for (let i = 0; i < 3; i++) await registry.createModel({ name: `paged ${number} ${i}` });
    const models = { filter: `name LIKE 'paged ${number}%'`, orderBy: ["name ASC"], maxResults: 2 };
    expect((await all(registry.searchModels(models))).map((found) => found.name)).toEqual(
      [0, 1, 2].map((i) => `paged ${number} ${i}`),
    );
    expect((await registry.searchModelsPage(models)).items).toHaveLength(2);

    await registry.deleteVersion({ name, version });
    expect(await failed(registry.getVersion({ name, version }))).toMatchObject({ code: missing });
    await registry.renameModel({ name, newName: `${name}, renamed` });
    await registry.deleteModel(`${name}, renamed`);
    expect(await failed(registry.getModel(`${name}, renamed`))).toMatchObject({ code: missing });
  });
}
