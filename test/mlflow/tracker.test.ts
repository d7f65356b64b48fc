import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Client, createClient } from "@everlearn/mlflow-client";
import { seal, sealOf } from "@everlearn/records";
import { mlflow } from "@everlearn/tracker-mlflow";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { everlearn, folder, journalOf, killed, resultOf, small, withSpec } from "../cli/everlearn.js";
import { filesOf, metricsOf, startOf } from "./journal.js";
import { mlflowPython } from "./python.js";
import { type ReadRun, readExperiment } from "./reading.js";
import { type MlflowServer, startMlflow } from "./server.js";

const python = await mlflowPython();
if ("reason" in python) console.warn(`The tracker was not tried against a real MLflow: ${python.reason}`);

const suite = {
  name: "rotations",
  description: "Für Tests.",
  seeds: [0, 1],
  evaluation: { tasks: "all", every: 10, examples: 20 },
  runs: [
    { name: "er", learner: small.learner, buffer: small.buffer },
    { name: "online", learner: { use: "online", alpha: 0.05 } },
  ],
  learner: undefined,
  buffer: undefined,
};

/** A learner whose options have names and values that MLflow does not take. */
const odd = {
  ["x".repeat(300)]: "y".repeat(10_000),
  [`${"x".repeat(300)}2`]: "another",
  "a:b": "colon",
  "a?b": "question",
  "größe/../±": "path",
};
const oddLearner = `export default {
  contract: 2, kind: "learner", name: "odd", description: "Learns nothing.", needs: ["network"],
  options: { ${Object.keys(odd)
    .map((key) => `${JSON.stringify(key)}: { type: "string", description: "Odd." }`)
    .join()} },
  create: (_, { network }) => ({ observe() {}, predict: (queries) => network.predict(queries), save: () => null, load() {} }),
};`;

describe.skipIf("reason" in python).each([{ auth: false }, { auth: true }])(
  "runs in a real MLflow, basic-auth: $auth",
  { timeout: 300_000 },
  ({ auth }) => {
    let server: MlflowServer;
    let client: Client;
    let experiments = 0;

    beforeAll(async () => {
      server = await startMlflow({ python: "path" in python ? python.path : "", auth });
      client = createClient({ environment: {}, trackingUri: server.uri, auth: server.auth });
    }, 400_000);
    afterAll(() => server?.stop(), 60_000);

    /** What tells the command of the server, and an experiment that is new. */
    function surroundings(cwd: string) {
      const experiment = `tracked – ${++experiments}`;
      const { username, password } = server.auth ?? {};
      const env = {
        MLFLOW_TRACKING_URI: server.uri,
        MLFLOW_EXPERIMENT_NAME: experiment,
        ...(username && password && { MLFLOW_TRACKING_USERNAME: username, MLFLOW_TRACKING_PASSWORD: password }),
      };
      return { cwd, env, experiment };
    }

    /** Checks that a run is what its folder holds. */
    function checkRun(run: ReadRun, directory: string): void {
      const { specId, cellId, seed, name, spec, commit, checksum, time } = startOf(directory);
      const { learner, stream, evaluation } = spec as typeof small & { evaluation: { every: number } };
      expect(run.metrics).toEqual(metricsOf(directory));
      expect(run.tags).toMatchObject({
        "everlearn.specId": specId,
        "everlearn.cellId": cellId,
        "everlearn.seed": String(seed),
        "everlearn.run": name,
        "everlearn.learner": learner.use,
        "everlearn.stream": "rotated",
        "everlearn.scenario": "domain-il",
        "everlearn.network": "mlp",
        "everlearn.dataset": "glyphs",
        "mlflow.source.git.commit": commit,
      });
      expect(run.params).toMatchObject({
        seed: String(seed),
        learner: learner.use,
        "learner.alpha": String(learner.alpha),
        "network.hidden": "[8]",
        "stream.tasks": String(stream.tasks),
        "evaluation.every": String(evaluation.every),
      });
      expect(run.datasets).toMatchObject([
        { name: "glyphs", digest: checksum.slice(0, 36), source: expect.stringContaining(checksum) },
      ]);
      expect(run.info.startTime).toBe(Date.parse(time));
      const { "spec.json": specFile, "accuracy.json": accuracy, ...files } = run.files;
      expect(JSON.parse(String(specFile))).toEqual(spec);
      expect(Object.keys(files).toSorted()).toEqual(Object.keys(filesOf(directory)).toSorted());
      for (const [path, content] of Object.entries(filesOf(directory))) expect(files[path].equals(content)).toBe(true);
      if (accuracy) {
        const { accuracy: r, initial, tasks } = resultOf(directory);
        expect(JSON.parse(String(accuracy))).toEqual({ accuracy: r, initial, tasks });
      }
    }

    it("has all that the journals hold, and a second sync changes nothing", async () => {
      const cwd = withSpec(suite);
      const { experiment, ...where } = surroundings(cwd);
      const ran = await everlearn(["run", "spec.json", "--tracker", "mlflow"], where);
      expect(ran).toMatchObject({ status: 0, stderr: "" });
      const runs = await readExperiment(client, experiment);
      const names = ["er seed 0", "er seed 1", "online seed 0", "online seed 1"];
      expect([...runs.keys()].toSorted()).toEqual([...names, "rotations"]);
      const parent = runs.get("rotations") as ReadRun;
      expect(parent.info.status).toBe("FINISHED");
      expect(parent.tags).not.toHaveProperty("mlflow.parentRunId");
      for (const name of names) {
        const directory = join(cwd, "runs", name.replace(" seed ", "/seed-"));
        const run = runs.get(name) as ReadRun;
        checkRun(run, directory);
        const { digest } = resultOf(directory);
        expect(run.info.status).toBe("FINISHED");
        expect(run.info.endTime).toBe(Date.parse(journalOf(directory).at(-1)?.time ?? ""));
        expect(run.tags).toMatchObject({
          "mlflow.parentRunId": parent.info.runId,
          "mlflow.note.content": "Für Tests.",
          "everlearn.suite": "rotations",
          "everlearn.digest": digest,
        });
        expect(Object.keys(run.files)).toContain("accuracy.json");
      }

      const again = await everlearn(["sync"], where);
      expect(again).toMatchObject({ status: 0, stdout: "All 4 runs have arrived in full.\n", stderr: "" });
      expect(await readExperiment(client, experiment)).toEqual(runs);
      // Nor where nobody remembers that they were sent.
      for (const name of names)
        rmSync(join(cwd, "runs", name.replace(" seed ", "/seed-"), "sync"), { recursive: true });
      expect(await everlearn(["sync"], where)).toMatchObject({ status: 0, stderr: "" });
      expect(await readExperiment(client, experiment)).toEqual(runs);
    });

    if (auth) return; // what follows does not depend on who asks

    it("shows how runs ended: failed, killed, and finished in the end", async () => {
      const runs = [
        { name: "wild", learner: { use: "online", alpha: 1e30 } },
        { name: "long", learner: small.learner, buffer: small.buffer },
      ];
      const dataset = { use: "glyphs", train: 4000, test: 100 };
      const stream = { ...small.stream, examplesPerTask: 4000 };
      const cwd = withSpec({
        ...suite,
        evaluation: { tasks: "all", every: 200, examples: 20 },
        dataset,
        stream,
        runs,
        seeds: [0],
      });
      const { experiment, ...where } = surroundings(cwd);
      const wild = await everlearn(["run", "spec.json", "--only", "wild", "--tracker", "mlflow"], where);
      expect(wild).toMatchObject({ status: 1 });
      const directory = join(cwd, "runs/long/seed-0");
      expect(await killed(["run", "spec.json", "--only", "long"], cwd, directory, 20)).toBe(true);
      expect(await everlearn(["sync"], where)).toMatchObject({ status: 0, stderr: "" });

      const stopped = await readExperiment(client, experiment);
      const { info, tags } = stopped.get("wild seed 0") as ReadRun;
      checkRun(stopped.get("wild seed 0") as ReadRun, join(cwd, "runs/wild/seed-0"));
      expect(info.status).toBe("FAILED");
      expect(tags["everlearn.message"]).toMatch(/^wild, seed 0.+diverged/);
      expect(tags["everlearn.message"]).toBe(resultOf(join(cwd, "runs/wild/seed-0")).message);
      expect(stopped.get("long seed 0")?.info.status).toBe("KILLED");
      expect(stopped.get("long seed 0")?.metrics).toEqual(metricsOf(directory));

      const rest = ["run", "spec.json", "--only", "long", "--resume", "--tracker", "mlflow"];
      expect(await everlearn(rest, where)).toMatchObject({ status: 0, stderr: "" });
      const finished = await readExperiment(client, experiment);
      expect([...finished.keys()].toSorted()).toEqual([...stopped.keys()].toSorted());
      const long = finished.get("long seed 0") as ReadRun;
      expect(long.info).toMatchObject({ status: "FINISHED", runId: stopped.get("long seed 0")?.info.runId });
      checkRun(long, directory);
    });

    it("has odd keys and long values by the stated rule, and no value that is no number", async () => {
      const description = "d".repeat(10_000);
      const learner = { use: "./odd.mjs", ...odd };
      const cwd = withSpec({ learner, buffer: undefined, description });
      writeFileSync(join(cwd, "odd.mjs"), oddLearner);
      const { experiment, ...where } = surroundings(cwd);
      expect(await everlearn(["run", "spec.json"], where)).toMatchObject({ status: 0, stderr: "" });
      // A loss is not finite where a learner's steps are too long, and a metric of one's own may be called anything.
      const directory = join(cwd, "runs/small/seed-0");
      const records = journalOf(directory);
      const time = records[0].time;
      const losses = (["NaN", "Infinity", "-Infinity", 1.5] as const).map((loss, i) => ({
        ...{ type: "training", time, experience: 0, examples: 120 + i, loss, examplesPerSecond: 1 },
      }));
      const end = { ...records.at(-1), metrics: { ["m".repeat(300)]: 1, "a:b": 2, "a?b": 3, ä: 4 } };
      const lines = [...records.slice(0, -1), ...losses, end].map((record) => `${JSON.stringify(record)}\n`);
      writeFileSync(join(directory, "journal.jsonl"), lines.join("")); // as an earlier version wrote it
      const { journal: _, ...result } = resultOf(directory);
      writeFileSync(join(directory, "result.json"), JSON.stringify(seal(result, sealOf)));
      expect(await everlearn(["sync"], where)).toMatchObject({ status: 0, stderr: "" });

      const run = (await readExperiment(client, experiment)).get("small seed 0") as ReadRun;
      const keyOf = (value: string) => Object.keys(run.params).find((key) => run.params[key] === value);
      expect(keyOf("another")).toMatch(/^learner\.x{233}\.[\da-f]{8}$/);
      expect(keyOf("colon")).toMatch(/^learner\.a_b\.[\da-f]{8}$/);
      expect(keyOf("question")).toMatch(/^learner\.a_b\.[\da-f]{8}$/);
      expect(keyOf("colon")).not.toBe(keyOf("question"));
      expect(keyOf("path")).toMatch(/^learner\.gr__e_[\w.]+\.[\da-f]{8}$/);
      const long = Object.values(run.params).find((value) => value.startsWith("yyy"));
      expect(long).toHaveLength(6000);
      expect(long).toMatch(/y… \(10000 characters, SHA-256 [\da-f]{64}; whole in spec\.json\)$/);
      expect(run.tags["mlflow.note.content"]).toHaveLength(5000);
      expect(String(run.files["spec.json"])).toContain(description);
      expect(run.metrics["training/loss"].at(-1)).toEqual([123, 1.5, Date.parse(time)]);
      expect(run.metrics["training/loss"]).toEqual(metricsOf(directory)["training/loss"]);
      expect(run.tags["everlearn.not_finite/training/loss"]).toBe(
        "NaN at step 120, Infinity at step 121, -Infinity at step 122",
      );
      const odds = Object.entries(run.metrics).filter(([, [[step]]]) => step === 123);
      const valueOf = Object.fromEntries(odds.map(([key, [[, value]]]) => [value, key]));
      expect(valueOf[1]).toMatch(/^m{241}\.[\da-f]{8}$/);
      expect(valueOf[2]).toMatch(/^a_b\.[\da-f]{8}$/);
      expect(valueOf[3]).toMatch(/^a_b\.[\da-f]{8}$/);
      expect(valueOf[4]).toMatch(/^_\.[\da-f]{8}$/);
      expect(new Set(Object.values(valueOf)).size).toBe(Object.keys(valueOf).length);
    });

    it("has one experiment and fifty runs where fifty begin at once", async () => {
      const cwd = withSpec({ stream: { ...small.stream, examplesPerTask: 4 } });
      const { experiment, ...where } = surroundings(cwd);
      expect(await everlearn(["run", "spec.json", "--seeds", "0-49"], where)).toMatchObject({ status: 0 });
      const begun = Array.from({ length: 50 }, (_, seed) => {
        const directory = join(folder(), `seed-${seed}`);
        cpSync(join(cwd, `runs/small/seed-${seed}`), directory, { recursive: true });
        mkdirSync(join(directory, "sync"));
        const run = { directory, records: journalOf(directory), running: false };
        return mlflow({ trackingUri: server.uri, experiment }).sync([run], { last: true });
      });
      const delivered = await Promise.all(begun);
      expect(delivered).toEqual(Array.from({ length: 50 }, () => ({ pending: 0 })));

      const { experimentId } = await client.experiments.getByName(experiment);
      const names: string[] = [];
      for await (const { info, data } of client.runs.search({ experimentIds: [experimentId] }))
        names.push(`${info.runName} ${info.status} ${data.metrics.length > 0}`);
      expect(names.toSorted()).toEqual(
        Array.from({ length: 50 }, (_, seed) => `small seed ${seed} FINISHED true`).toSorted(),
      );
    });
  },
);
