import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type AddressInfo, createServer, type Server } from "node:net";
import type { JournalRecord } from "@everlearn/contracts";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import {
  type Asked,
  type FakeMlflow,
  type Fault,
  type Point,
  startFake,
} from "../../plugins/tracker-mlflow/test/fake-mlflow.js";
import { seal, sealOf } from "@everlearn/records";
import { type Ended, everlearn, folder, journalOf, resultOf, start, withSpec } from "../cli/everlearn.js";
import { countOf, metricsOf } from "./journal.js";
import { type Entry, ordered } from "./reading.js";

/** A port of the loopback at which nobody listens. */
async function nobody(): Promise<number> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function metricsFrom(points: readonly Point[]): Record<string, Entry[]> {
  const metrics: Record<string, Entry[]> = {};
  for (const { key, step, value, timestamp } of points) (metrics[key] ??= []).push([step, value, timestamp]);
  return Object.fromEntries(Object.entries(metrics).map(([key, entries]) => [key, ordered(entries)]));
}

const batches = ({ call }: Asked) => call === "mlflow/runs/log-batch";
/** Numbers that look random, the same ones in every test run. */
function* mixed() {
  for (let state = 1; ; state = (state * 48_271) % 2_147_483_647) yield state / 2_147_483_647;
}

/** Half of all requests fail, each in one of the ways in which they can. */
function half(): (asked: Asked) => Fault | undefined {
  const draws = mixed();
  const ways: readonly Fault[] = [
    { status: 500 },
    { status: 429, headers: { "retry-after": "0" } },
    { status: 503, headers: { "retry-after": "1" } },
    { reset: "before" },
    { reset: "after" },
    { reset: "half" },
  ];
  return ({ call }) => {
    const [fails, which] = [draws.next().value as number, draws.next().value as number];
    const way = ways[Math.floor(which * ways.length)];
    // Only of a batch can half be done.
    const possible = call === "mlflow/runs/log-batch" ? way : "reset" in way ? ({ reset: "after" } as const) : way;
    return fails < 0.5 ? possible : undefined;
  };
}

describe("of 100,000 points none is lost, doubled or changed", { timeout: 200_000 }, () => {
  /** A folder with the runs, two of 50,000 points each, copied for every test. */
  let made: string;
  beforeAll(async () => {
    made = withSpec({ seeds: [0, 1], learner: { use: "online", alpha: 0.01 }, buffer: undefined });
    await everlearn(["run", "spec.json"], { cwd: made });
    // A journal as long runs write it: real ones of this size take hours.
    for (const seed of [0, 1]) {
      const directory = join(made, `runs/small/seed-${seed}`);
      const records = journalOf(directory);
      const begun = Date.parse(records[0].time);
      const draws = mixed();
      const more = Array.from({ length: 25_000 }, (_, i): JournalRecord => {
        const time = new Date(begun + 7 * i).toISOString();
        const [loss, examplesPerSecond] = [2.5 * (draws.next().value as number), 1e4 * (draws.next().value as number)];
        return { type: "training", time, experience: 0, examples: i + 1, loss, examplesPerSecond };
      });
      const lines = [records[0], ...more, ...records.slice(1)].map((record) => `${JSON.stringify(record)}\n`);
      writeFileSync(join(directory, "journal.jsonl"), lines.join("")); // as an earlier version wrote it
      const { journal: _, ...result } = resultOf(directory);
      writeFileSync(join(directory, "result.json"), JSON.stringify(seal(result, sealOf)));
    }
  });

  function copied(): string {
    const cwd = folder();
    cpSync(made, cwd, { recursive: true });
    return cwd;
  }

  async function served(port = 0): Promise<FakeMlflow> {
    const fake = await startFake({ port });
    onTestFinished(() => fake.stop());
    return fake;
  }

  const sync = (cwd: string, { uri }: { uri: string }, env = {}): Promise<Ended> =>
    everlearn(["sync"], { cwd, env: { MLFLOW_TRACKING_URI: uri, MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR: "0.02", ...env } });

  /** Calls `everlearn sync` until all has arrived. @returns how often */
  async function synced(cwd: string, fake: FakeMlflow, env = {}): Promise<number> {
    for (let calls = 1; ; calls++) {
      const { status, stderr } = await sync(cwd, fake, env);
      if (status === 0) return calls;
      expect(stderr).toMatch(/^everlearn: \d of 2 runs .+\nThe same command continues from there\.\n$/s);
      expect(calls).toBeLessThan(20);
    }
  }

  /** Checks that the server has every point of every journal once, and no other. */
  function checkPoints(cwd: string, fake: FakeMlflow): void {
    let count = 0;
    const runs = [...fake.runs.values()].filter(({ info }) => info.lifecycle_stage === "active");
    for (const seed of [0, 1]) {
      const own = runs.filter(({ info }) => info.run_name === `small seed ${seed}`);
      expect(own).toHaveLength(1);
      const metrics = metricsFrom(own[0].points);
      const expected = metricsOf(join(cwd, `runs/small/seed-${seed}`));
      expect(Object.keys(metrics).toSorted()).toEqual(Object.keys(expected).toSorted());
      for (const [key, entries] of Object.entries(expected))
        expect(JSON.stringify(metrics[key]) === JSON.stringify(entries), key).toBe(true);
      expect(own[0].info.status).toBe("FINISHED");
      count += countOf(expected);
    }
    expect(count).toBeGreaterThan(100_000);
    expect(runs).toHaveLength(3); // with their parent
  }

  it("where half of all requests fail: 500, 429, 503, connections that are reset before, after and in the middle", async () => {
    const [cwd, fake] = [copied(), await served()];
    fake.change({ fault: half() });
    await synced(cwd, fake);
    checkPoints(cwd, fake);
    const { length } = fake.asked;
    fake.change({});
    expect(await sync(cwd, fake)).toMatchObject({ status: 0, stderr: "" });
    expect(fake.asked.slice(length).filter(({ method }) => method !== "GET")).toMatchObject(
      fake.asked.slice(length).filter(({ call }) => call === "mlflow/runs/search"),
    );
    checkPoints(cwd, fake);
  });

  it("where the server does what it is asked and then resets, each time", async () => {
    const [cwd, fake] = [copied(), await served()];
    let batch = 0;
    fake.change({ fault: (asked) => (batches(asked) && ++batch < 120 ? { reset: "after" } : undefined) });
    await synced(cwd, fake);
    checkPoints(cwd, fake);
  });

  it("where the server restarts in the middle of a batch", async () => {
    const [cwd, fake] = [copied(), await served()];
    let batch = 0;
    const down = new Promise<void>((resolve) => {
      fake.change({
        fault(asked) {
          if (!batches(asked) || ++batch !== 40) return undefined;
          setTimeout(() => void fake.stop().then(resolve), 0);
          return { reset: "half" };
        },
      });
    });
    const first = sync(cwd, fake);
    await down;
    setTimeout(() => void fake.start(), 1500);
    await first;
    await synced(cwd, fake);
    checkPoints(cwd, fake);
  });

  it("where the command itself is killed in the middle, again and again", async () => {
    const [cwd, fake] = [copied(), await served()];
    for (const when of [5, 20, 40]) {
      const { child, ended } = start(["sync"], { cwd, env: { MLFLOW_TRACKING_URI: fake.uri } });
      let batch = 0;
      fake.change({
        fault(asked) {
          if (batches(asked) && ++batch === when) child.kill("SIGKILL");
          return undefined;
        },
      });
      expect((await ended).signal).toBe("SIGKILL");
    }
    fake.change({});
    await synced(cwd, fake);
    checkPoints(cwd, fake);
  });

  it("where every answer takes half a minute, longer than it is waited for", async () => {
    const [cwd, fake] = [copied(), await served()];
    let asked = 0;
    // Slow for the first twenty requests; what they ask is done nevertheless, though nobody listens any more.
    fake.change({ latency: () => (++asked <= 20 ? 30_000 : 0) });
    const slow = { MLFLOW_HTTP_REQUEST_TIMEOUT: "1" };
    await synced(cwd, fake, slow);
    checkPoints(cwd, fake);
  });

  it("where the server dies for good, and another one takes its place", async () => {
    const [cwd, fake] = [copied(), await served()];
    let batch = 0;
    fake.change({
      fault(asked) {
        if (batches(asked) && ++batch === 50) void fake.stop();
        return undefined;
      },
    });
    const first = await sync(cwd, fake);
    expect(first).toMatchObject({ status: 1, stdout: "" });
    expect(first.stderr).toMatch(
      /^everlearn: [12] of 2 runs .+ values or files are missing\): small seed \d: .+ failed/,
    );
    const another = await served(Number(new URL(fake.uri).port));
    await synced(cwd, another);
    checkPoints(cwd, another);
  });
});

describe("a run", { timeout: 150_000 }, () => {
  const run = (uri: string) => {
    const cwd = withSpec({ seeds: [0], evaluation: { tasks: "all", every: 20, examples: 20 } });
    const { child, ended } = start(["run", "spec.json", "--tracker", "mlflow"], {
      cwd,
      env: { MLFLOW_TRACKING_URI: uri },
    });
    // When the run is over, and only the tracker is waited for.
    const over = new Promise<number>((resolve) => {
      child.stdout?.on("data", (text: string) => text.includes("Results:") && resolve(performance.now()));
    });
    const waited = ended.then(async () => (performance.now() - (await over)) / 1000);
    return { cwd, ended, waited };
  };

  it("waits half a minute for a server that is down, silent, or resets, says what is missing, and it is sent later", async () => {
    const silent = await startFake({ latency: () => 30_000 });
    const rude = await startFake({ fault: () => ({ reset: "before" }) });
    const runs = [`http://127.0.0.1:${await nobody()}`, silent.uri, rude.uri].map(run); // all at once: each waits
    for (const { cwd, ended, waited } of runs) {
      const { status, stdout, stderr } = await ended;
      expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringContaining("✓ small seed 0") });
      expect(stderr).toMatch(
        /^everlearn: .+\nNothing is lost: it is all in the journals\. Send what is missing with: everlearn sync runs\n$/s,
      );
      // Half a minute, and what a busy machine adds: the wait has an end of its own, without any answer.
      expect(await waited).toBeLessThan(60);
      const fake = await startFake();
      const sent = await everlearn(["sync"], { cwd, env: { MLFLOW_TRACKING_URI: fake.uri } });
      expect(sent).toMatchObject({ status: 0, stdout: "The run has arrived in full.\n", stderr: "" });
      await fake.stop();
      expect(fake.runs.size).toBe(1);
      for (const { info, points } of fake.runs.values()) {
        expect(info.status).toBe("FINISHED");
        expect(metricsFrom(points)).toEqual(metricsOf(join(cwd, "runs/small/seed-0")));
      }
    }
    await Promise.all([silent.stop(), rude.stop()]);
  });
});
