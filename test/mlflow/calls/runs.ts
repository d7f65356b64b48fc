import { expect, it } from "vitest";
import { all, failed, missing, type World } from "../world.js";

/** Experiments, runs, and what is logged of a run. */
export function itKeepsRuns(the: World): void {
  it("keeps experiments", async () => {
    const { experiments } = the.client;
    const name = the.freshName();
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
    const { experiments } = the.client;
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
    const name = the.freshName();
    const asked = Array.from({ length: 50 }, () =>
      the.client.getOrCreateExperiment(name, { tags: [{ key: "k", value: "v" }] }),
    );
    const found = await Promise.all(asked);
    expect(new Set(found.map(({ experimentId }) => experimentId)).size).toBe(1);
    expect(found[49]).toMatchObject({ name, tags: [{ key: "k", value: "v" }] });
    expect(await the.client.getOrCreateExperiment(name)).toEqual(found[0]);
    await the.client.experiments.delete(found[0].experimentId);
    expect(await failed(the.client.getOrCreateExperiment(name))).toMatchObject({
      code: "INVALID_STATE",
      message: expect.stringContaining(`experiments.restore("${found[0].experimentId}")`),
    });
  });

  it("keeps runs", async () => {
    const { runs } = the.client;
    const experimentId = await the.freshExperiment();
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
    const { runs } = the.client;
    const experimentId = await the.freshExperiment();
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
      const { runs } = the.client;
      const experimentId = await the.freshExperiment();
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
    const { runs } = the.client;
    const runId = await the.freshRun();
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

    const other = await the.freshRun();
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
    const { runs } = the.client;
    const runId = await the.freshRun();
    const values = [-0, 5e-324, 1.797e308, 0.1 + 0.2, -1e-300];
    for (const [step, value] of values.entries()) await runs.logMetric({ runId, key: "m", value, step, timestamp: 1 });
    const headers: Record<string, string> = { "content-type": "application/json" };
    if (the.server.auth)
      headers.authorization = `Basic ${btoa(`${the.server.auth.username}:${the.server.auth.password}`)}`;
    const body = JSON.stringify({ run_id: runId, key: "m", value: "NaN", step: 9, timestamp: 1 });
    await fetch(`${the.server.uri}/api/2.0/mlflow/runs/log-metric`, { method: "POST", headers, body });
    const history = await all(runs.metricHistory({ runId, metricKey: "m" }));
    expect(history.map(({ value }) => value + 0)).toEqual([...values, Number.NaN].map((value) => value + 0));
  });

  it("takes a batch of any size", async () => {
    const { runs } = the.client;
    const runId = await the.freshRun();
    const metrics = Array.from({ length: 20_000 }, (_, step) => ({
      key: "loss",
      value: 1 / (step + 1),
      timestamp: 1e12,
      step,
    }));
    const pairs = (count: number, value: string) => Array.from({ length: count }, (_, i) => ({ key: `k${i}`, value }));
    const params = pairs(250, "ü".repeat(3000));
    const tags = pairs(120, "€".repeat(5000)); // 3.3 MB of params and tags
    const start = performance.now();
    await runs.logBatch({ runId, metrics });
    console.log(
      `20,000 metric points logged in ${((performance.now() - start) / 1000).toFixed(2)} s (basic-auth: ${the.server.auth !== undefined}).`,
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
    const { runs, models } = the.client;
    const runId = await the.freshRun();
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
}
