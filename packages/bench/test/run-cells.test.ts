import { readdirSync } from "node:fs";
import { join } from "node:path";
import { digest } from "@everlearn/digest";
import { type Result, type RunSpec, sealOf } from "@everlearn/records";
import type { Progress } from "@everlearn/runner";
import { describe, expect, it } from "vitest";
import type { Executor, Listener } from "../src/executor.js";
import type { CellRequest, PlannedRun } from "../src/request.js";
import { runCells } from "../src/run-cells.js";
import type { CellOutcome } from "../src/status.js";
import type { Entry } from "../src/suite.js";
import { temporary } from "./fixture.js";

function entry(name: string, examples: number, seeds: readonly number[] = [0, 1], learner = name): Entry {
  const other = { use: "x" };
  const parts = { dataset: other, stream: other, scenario: other, learner: { use: learner } };
  const spec = { name, seeds, ...parts } as unknown as RunSpec;
  const planned = { spec, specId: digest(name), plugins: {}, where: "", checksum: "", examples } as PlannedRun;
  const candidates = [{ request: { spec, folder: "." }, planned }];
  return { name, seeds, candidates, trials: candidates };
}

/** An executor whose cells end when the test says so, after as many seconds as it says. */
function heldExecutor() {
  const under = new Map<string, { request: CellRequest; listener: Listener; end: (outcome: CellOutcome) => void }>();
  const started: string[] = [];
  const executor: Executor = {
    plan: () => expect.unreachable(),
    run: (request, listener = {}) => {
      const name = `${request.spec.name} ${request.seed}`;
      started.push(name);
      return new Promise((end) => under.set(name, { request, listener, end }));
    },
    check: () => expect.unreachable(),
    stop() {},
    close: () => Promise.resolve(),
  };
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    executor,
    started,
    async end(cell: string, seconds: number, changes: object = {}) {
      const { request, end } = under.get(cell) ?? expect.unreachable();
      const { spec, specId, seed } = request;
      const result = {
        ...{ name: spec.name, seed, specId, cellId: digest({ specId, seed }), spec, plugins: {}, checksum: "" },
        ...{ status: "finished", accuracy: [[1]], initial: [0], metrics: {}, seconds, environment: {} },
      };
      end({ status: "finished", result: { ...result, seal: sealOf(result), ...changes } as unknown as Result });
      await settled();
    },
    tell(cell: string, seconds: number, secondsLeft: number) {
      under.get(cell)?.listener.onProgress?.({ seconds, secondsLeft } as Progress);
    },
  };
}

describe("the order of cells", () => {
  it("is one of each run that nobody knows first, the largest before, then the longest", async () => {
    const { executor, started, end } = heldExecutor();
    const entries = [entry("a", 10, [0, 1, 2]), entry("b", 30), entry("c", 20)];
    const all = runCells(entries, executor, { out: temporary(), jobs: 2 });
    expect(started).toEqual(["b 0", "c 0"]);
    await end("b 0", 5);
    expect(started.slice(2)).toEqual(["a 0"]);
    await end("c 0", 50);
    expect(started.slice(3)).toEqual(["c 1"]);
    await end("a 0", 9);
    expect(started.slice(4)).toEqual(["a 1"]);
    await end("a 1", 9);
    await end("c 1", 50);
    expect(started.slice(5)).toEqual(["a 2", "b 1"]);
    await end("a 2", 9);
    await end("b 1", 5);
    const { cells, stopped } = await all;
    expect(stopped).toBe(false);
    expect(cells.map(({ name, seed }) => `${name} ${seed}`)).toEqual(
      ["a 0", "a 1", "a 2", "b 0", "b 1", "c 0", "c 1"], // as in the suite
    );
  });

  it("goes by what is predicted of running cells, too", async () => {
    const { executor, started, end, tell } = heldExecutor();
    const all = runCells([entry("a", 1), entry("b", 1), entry("c", 1)], executor, { out: temporary(), jobs: 3 });
    expect(started).toEqual(["a 0", "b 0", "c 0"]);
    tell("a 0", 1, 4);
    tell("b 0", 2, 20);
    await end("c 0", 10);
    expect(started.slice(3)).toEqual(["b 1"]);
    await end("a 0", 5);
    expect(started.slice(4)).toEqual(["c 1"]);
    for (const cell of ["b 0", "b 1"]) await end(cell, 22);
    await end("c 1", 10);
    await end("a 1", 5);
    expect((await all).cells).toHaveLength(6);
  });
});

describe("a result from elsewhere", () => {
  it("is put where it would lie, sealed as it came, and not believed where it was changed on its way", async () => {
    const { executor, end } = heldExecutor();
    const out = temporary();
    const all = runCells([entry("a", 1)], executor, { out, jobs: 2 });
    await end("a 0", 5);
    await end("a 1", 5, { metrics: { retainedAccuracy: 1 } });
    const { cells } = await all;
    expect(cells).toMatchObject([
      { seed: 0, status: "finished" },
      {
        seed: 1,
        status: "failed",
        message: expect.stringMatching(/changed on its way here: its seal does not match\.$/),
      },
    ]);
    expect(readdirSync(join(out, "a/seed-0"))).toEqual(["result.json"]);
    expect(readdirSync(join(out, "a/seed-1"))).toEqual(["status.json"]);
  });
});

describe("the time left", () => {
  it("is shared out among processes, and never less than the longest cell's", async () => {
    const { executor, end, tell } = heldExecutor();
    const lefts: (number | null)[] = [];
    const out = temporary();
    const onChange = (look: () => { secondsLeft: number | null }) => lefts.push(look().secondsLeft);
    const all = runCells([entry("a", 100, [0, 1, 2, 3])], executor, { out, jobs: 2, onChange });
    expect(lefts).toEqual([null]);
    tell("a 0", 1, 9); // nobody knows of a 1, but that it is of the same run
    expect(lefts.at(-1)).toBe((9 + 3 * 10) / 2);
    tell("a 1", 4, 6);
    expect(lefts.at(-1)).toBe((9 + 6 + 2 * 10) / 2);
    await end("a 0", 20);
    expect(lefts.at(-1)).toBe((6 + 2 * 20) / 2);
    await end("a 1", 20);
    tell("a 2", 15, 5);
    tell("a 3", 1, 19);
    expect(lefts.at(-1)).toBe(19);
    await end("a 3", 20);
    await end("a 2", 20);
    expect(lefts.at(-1)).toBe(0);
    const { cells } = await all;
    expect(cells.map(({ directory }) => directory)).toEqual([0, 1, 2, 3].map((seed) => join(out, "a", `seed-${seed}`)));
  });
});
