import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkTracker } from "@everlearn/conformance";
import type { JournalRecord, TrackedRun } from "@everlearn/contracts";
import { MlflowError } from "@everlearn/mlflow-client";
import plugin, { mlflow } from "@everlearn/tracker-mlflow";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { type FakeMlflow, startFake } from "./fake-mlflow.js";

let fake: FakeMlflow;
beforeAll(async () => {
  fake = await startFake();
});
afterAll(() => fake.stop());
beforeEach(() => fake.change({}));

const time = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
let runs = 0;

function startOf(changes: object = {}): JournalRecord {
  return {
    ...{
      type: "start" as const,
      time: time(++runs),
      name: "mer",
      specId: "s".repeat(64),
      cellId: "c".repeat(64),
      seed: 3,
    },
    spec: { name: "mer", dataset: { use: "glyphs" }, learner: { use: "mer", alpha: 0.1 }, seeds: [3], ...changes },
    plugins: {
      dataset: { name: "glyphs", package: "@everlearn/dataset-glyphs", version: "1.2.3" },
      learner: { name: "mer", package: "@everlearn/learner-mer", version: "1.0.0" },
    },
    checksum: "0123456789abcdef".repeat(4),
    tasks: [[0], [1]],
    commit: "abc",
  };
}

const evaluation = (after: number | null, accuracy: (number | null)[]): JournalRecord => ({
  ...{ type: "evaluation", time: time(100), after, examples: after === null ? 0 : 10 * (after + 1), accuracy },
});
const end: Extract<JournalRecord, { type: "end" }> = {
  type: "end",
  time: time(200),
  metrics: { retainedAccuracy: 0.6 },
  digest: "d".repeat(64),
};

function runOf(records: readonly JournalRecord[], running = false): TrackedRun {
  const directory = mkdtempSync(join(tmpdir(), "everlearn-mlflow-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  mkdirSync(join(directory, "sync"));
  writeFileSync(join(directory, "journal.jsonl"), records.map((record) => `${JSON.stringify(record)}\n`).join(""));
  return { directory, records, running };
}

const sync = (run: TrackedRun, tracker = mlflow({ trackingUri: fake.uri })) => tracker.sync([run], { last: true });
/** What of a run arrived. */
function sent(run: TrackedRun) {
  const memory = JSON.parse(readFileSync(join(run.directory, "sync/mlflow.json"), "utf8")) as { runId: string };
  const found = fake.runs.get(memory.runId);
  if (!found) throw new Error("It never arrived.");
  return { ...found, id: memory.runId, steps: (key: string) => pointsOf(found.points, key) };
}
const pointsOf = (points: readonly { key: string; step: number; value: number }[], key: string) =>
  points.filter((point) => point.key === key).map(({ step, value }) => [step, value]);

describe("the tracker", () => {
  it("does what every tracker must do", async () => {
    await checkTracker(plugin, { options: { trackingUri: fake.uri } });
  });

  it("says what it needs where no server is named, and shows nothing of one that is wrongly named", () => {
    expect(() => mlflow({ trackingUri: "databricks" })).toThrow(MlflowError);
    expect(() => mlflow({ trackingUri: "ftp://user:s3cret@x" })).toThrow(/^(?!.*s3cret).*mlflow server/s);
  });

  it("logs accuracies with their steps and times, and means over the tasks so far", async () => {
    const run = runOf([
      ...[startOf(), evaluation(null, [0.5, 0.25])],
      { type: "training", time: time(50), experience: 0, examples: 5, loss: 1.5, examplesPerSecond: 99 },
      { type: "glance", time: time(60), experience: 0, examples: 5, accuracy: [0.75, null] },
      ...[evaluation(0, [1, 0.5]), evaluation(1, [0.5, 0.75]), end],
    ]);
    expect(await sync(run)).toEqual({ pending: 0 });
    const { steps, points, info } = sent(run);
    expect(steps("accuracy/task_0")).toEqual([
      [0, 0.5],
      [10, 1],
      [20, 0.5],
    ]);
    expect(steps("accuracy/seen")).toEqual([
      [10, 1],
      [20, 0.625],
    ]);
    expect(steps("accuracy/seen_average")).toEqual([
      [10, 1],
      [20, 0.8125],
    ]);
    expect(steps("glance/task_0")).toEqual([[5, 0.75]]);
    expect(steps("glance/task_1")).toEqual([]);
    expect(steps("glance/seen")).toEqual([[5, 0.75]]);
    expect(steps("training/loss")).toEqual([[5, 1.5]]);
    expect(steps("training/examples_per_second")).toEqual([[5, 99]]);
    expect(steps("retainedAccuracy")).toEqual([[20, 0.6]]);
    expect(points.find(({ key }) => key === "training/loss")?.timestamp).toBe(Date.parse(time(50)));
    expect(info).toMatchObject({ run_name: "mer seed 3", status: "FINISHED", end_time: Date.parse(time(200)) });
  });

  it("says what was run: params, tags, data set, artifacts", async () => {
    const spec = {
      stream: { use: "blurry", of: { use: "rotated", tasks: 2 } },
      network: { use: "mlp", hidden: [3, 4] },
    };
    const run = runOf([startOf(spec), end]);
    const result = { accuracy: [[1]], initial: [0.5], tasks: [[0]], more: 1 };
    writeFileSync(join(run.directory, "result.json"), JSON.stringify(result));
    writeFileSync(join(run.directory, "weights.npy"), Uint8Array.of(1, 0, 255));
    await sync(run);
    const { params, tags, inputs, files } = sent(run);
    expect(Object.fromEntries(params)).toEqual({
      ...{ seed: "3", dataset: "glyphs", learner: "mer", "learner.alpha": "0.1", network: "mlp" },
      ...{ "network.hidden": "[3,4]", stream: "blurry", "stream.of": "rotated", "stream.of.tasks": "2" },
    });
    expect(Object.fromEntries(tags)).toMatchObject({
      "everlearn.specId": "s".repeat(64),
      "everlearn.cellId": "c".repeat(64),
      "everlearn.seed": "3",
      "everlearn.learner": "mer",
      "mlflow.source.git.commit": "abc",
      "everlearn.digest": "d".repeat(64),
    });
    expect(tags.has("mlflow.parentRunId")).toBe(false);
    expect(inputs).toMatchObject([{ dataset: { name: "glyphs", digest: "0123456789abcdef0123456789abcdef0123" } }]);
    expect([...files.keys()].toSorted()).toEqual(
      ["accuracy.json", "journal.jsonl", "result.json", "spec.json", "weights.npy"].toSorted(),
    );
    expect(files.get("weights.npy")).toEqual(Buffer.of(1, 0, 255));
    expect(JSON.parse(String(files.get("accuracy.json")))).toEqual({ accuracy: [[1]], initial: [0.5], tasks: [[0]] });
  });

  it("asks for nothing but whether the run is there when it is called again, and sends what is new", async () => {
    const records = [startOf(), evaluation(null, [0.5, 0.25])];
    const run = runOf(records, true);
    await sync(run);
    expect(sent(run).info.status).toBe("RUNNING");
    let before = fake.asked.length;
    await sync(run);
    expect(fake.asked.slice(before).map(({ call }) => call)).toEqual(["mlflow/runs/get"]);
    before = fake.asked.length;
    await sync({ ...run, records: [...records, evaluation(0, [1, 1])] });
    expect(sent(run).points).toHaveLength(2 + 4);
    expect(fake.asked.slice(before).map(({ call }) => call)).toEqual(["mlflow/runs/get", "mlflow/runs/log-batch"]);
  });

  it("marks runs without an end as killed, and as running where they are resumed", async () => {
    const records = [startOf(), evaluation(null, [0.5, 0.25])];
    const run = runOf(records);
    await sync(run);
    expect(sent(run).info).toMatchObject({ status: "KILLED", end_time: Date.parse(time(100)) });
    await sync({ ...run, running: true });
    expect(sent(run).info.status).toBe("RUNNING");
    const failed: JournalRecord = { type: "failed", time: time(120), message: "It diverged." };
    await sync({ ...run, records: [...records, failed] });
    expect(sent(run).info).toMatchObject({ status: "FAILED", end_time: Date.parse(time(120)) });
    expect(sent(run).tags.get("everlearn.message")).toBe("It diverged.");
    expect(
      [...fake.runs.values()].filter(
        ({ tags }) => tags.get("everlearn.journal") === sent(run).tags.get("everlearn.journal"),
      ),
    ).toHaveLength(1);
  });

  it("finds its run again, and what is in it, where its memory is lost or the folder is a copy", async () => {
    const run = runOf([startOf(), evaluation(null, [0.5, 0.25]), end]);
    await sync(run);
    const { id, points } = sent(run);
    const all = [...points];
    rmSync(join(run.directory, "sync/mlflow.json"));
    await sync(run);
    const copy = runOf(run.records);
    await sync(copy);
    expect([sent(run).id, sent(copy).id]).toEqual([id, id]);
    expect(sent(run).points).toEqual(all);
  });

  it("sends a run anew that its server lost, and leaves one alone that was deleted there", async () => {
    const run = runOf([startOf(), evaluation(null, [0.5, 0.25]), end]);
    await sync(run);
    const { id } = sent(run);
    (fake.runs as Map<string, unknown>).delete(id);
    expect(await sync(run)).toEqual({ pending: 0 });
    expect(sent(run).id).not.toBe(id);
    expect(sent(run).points).toHaveLength(3);
    sent(run).info.lifecycle_stage = "deleted";
    const { pending, problem } = await sync(run);
    expect(pending).toBeGreaterThan(0);
    expect(problem).toMatch(/^mer seed 3: The run \w+ is deleted in MLflow; restore it there, or delete/);
  });

  it("puts the cells of a suite below one run, which ends as they do", async () => {
    const protocol = { suite: `suite ${++runs}` };
    const [a, b] = [0, 1].map((seed) => {
      const start = { ...startOf({ protocol }), seed } as JournalRecord;
      return runOf([start, evaluation(null, [0.5, 0.25]), ...(seed === 0 ? [end] : [])]);
    });
    const tracker = mlflow({ trackingUri: fake.uri });
    await tracker.sync([a, b], { last: true });
    const parents = [...fake.runs].filter(([, { info }]) => info.run_name === protocol.suite);
    expect(parents).toHaveLength(1);
    const [[parent, { info, tags }]] = parents;
    for (const run of [a, b]) expect(sent(run).tags.get("mlflow.parentRunId")).toBe(parent);
    expect(tags.has("mlflow.parentRunId")).toBe(false);
    expect(info.status).toBe("KILLED");
    await tracker.sync([{ ...b, running: true }], { last: false });
    expect(info.status).toBe("RUNNING");
    await tracker.sync([{ ...b, records: [...b.records, end] }], { last: true });
    expect(info).toMatchObject({ status: "FINISHED", end_time: Date.parse(time(200)) });
  });

  it("has one run for a suite in the end, though two processes begin it at the same moment", async () => {
    const protocol = { suite: `suite ${++runs}` };
    const cells = [0, 1, 2].map((seed) => {
      const start = { ...startOf({ protocol }), seed } as JournalRecord;
      return runOf([start, end]);
    });
    const trackers = cells.map(() => mlflow({ trackingUri: fake.uri }));
    await Promise.all(cells.map((run, i) => trackers[i].sync([run], { last: true })));
    for (const [i, run] of cells.entries()) await trackers[i].sync([run], { last: true });
    const parents = new Set(cells.map((run) => sent(run).tags.get("mlflow.parentRunId")));
    expect(parents.size).toBe(1);
    const active = [...fake.runs.values()].filter(
      ({ info }) => info.run_name === protocol.suite && info.lifecycle_stage === "active",
    );
    expect(active.map(({ info }) => info.run_id)).toEqual([...parents]);
  });

  it("writes a value that is no finite number into a tag, and no point", async () => {
    const loss = (examples: number, loss: "NaN" | "Infinity" | number): JournalRecord => ({
      ...{ type: "training", time: time(50), experience: 0, examples, loss, examplesPerSecond: 1 },
    });
    const run = runOf([startOf(), loss(5, 1.5), loss(6, "NaN"), loss(7, "Infinity"), end]);
    expect(await sync(run)).toEqual({ pending: 0 });
    expect(sent(run).steps("training/loss")).toEqual([[5, 1.5]]);
    expect(sent(run).tags.get("everlearn.not_finite/training/loss")).toBe("NaN at step 6, Infinity at step 7");
  });

  it("gives long and odd keys and values others of their own, by rule", async () => {
    const long = "x".repeat(300);
    const learner = { use: "mer", [long]: "y".repeat(10_000), [`${long}2`]: 1, "a:b": 2, "a?b": 3, "../c": 4, "": 5 };
    const run = runOf([startOf({ learner }), { ...end, metrics: { [long]: 1, ä: 2 } }]);
    expect(await sync(run)).toEqual({ pending: 0 });
    const { params, points } = sent(run);
    for (const key of [...params.keys(), ...points.map(({ key }) => key)]) expect(key).toMatch(/^[\w.\-/ ]{1,250}$/);
    const of = (value: string) => [...params].find((pair) => pair[1] === value)?.[0];
    expect(of("1")).toMatch(/^learner\.x{233}\.[\da-f]{8}$/);
    expect(new Set([of("2"), of("3")]).size).toBe(2);
    expect(of("2")).toMatch(/^learner\.a_b\.[\da-f]{8}$/);
    const [, cut] = [...params].find(([, value]) => value.startsWith("yy")) ?? [];
    expect(cut).toHaveLength(6000);
    expect(cut).toMatch(/y… \(10000 characters, SHA-256 [\da-f]{64}; whole in spec\.json\)$/);
    expect(points.map(({ key }) => key)).toEqual([
      expect.stringMatching(/^x{241}\.[\da-f]{8}$/),
      expect.stringMatching(/^_\.[\da-f]{8}$/),
    ]);
  });
});
