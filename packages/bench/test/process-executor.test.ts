import { existsSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { SpecError } from "@everlearn/contracts";
import type { Progress } from "@everlearn/runner";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import type { Executor } from "../src/executor.js";
import { createProcessExecutor } from "../src/process-executor.js";
import type { CellRequest, PlanRequest } from "../src/request.js";
import type { CellOutcome } from "../src/status.js";
import { from, temporary } from "./fixture.js";
import { ending, online, resultIn, suite } from "./suite.js";

/** An executor that ends with its test, and where it puts results: into a new folder, or another's. */
function startExecutor({ out = temporary(), patience }: { out?: string; patience?: number } = {}) {
  const executor = createProcessExecutor({ out, from, patience });
  onTestFinished(() => executor.close());
  return { ...executor, out };
}

/** What asks for the runs of a suite. */
function requestsOf(...of: Parameters<typeof suite>): PlanRequest[] {
  const { folder, specs } = suite(...of);
  return specs.map((spec) => ({ spec, folder: relative(process.cwd(), folder) }));
}

/** Plans the runs of a suite. @returns for each, what asks for its cell at a seed */
async function planned(executor: Executor, ...of: Parameters<typeof suite>) {
  const cells: ((seed?: number) => CellRequest)[] = [];
  for (const request of requestsOf(...of)) {
    const { specId } = await executor.plan(request);
    const folder = request.spec.name;
    cells.push((seed = 0) => ({ ...request, specId, seed, directory: `${folder}/seed-${seed}` }));
  }
  return cells;
}

/** The number of the process that a cell printed. */
async function processOf(executor: Executor, cell: CellRequest): Promise<number> {
  const lines: string[] = [];
  expect(await executor.run(cell, { onOutput: (line) => lines.push(line) })).toMatchObject({ status: "finished" });
  await vi.waitFor(() => expect(lines).toContain("err"));
  return Number(/^out of (\d+)$/.exec(lines.find((line) => line.startsWith("out")) ?? "")?.[1]);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("an executor of processes", () => {
  it("plans a run without loading its plugins here, and says what is wrong with one", async () => {
    const executor = startExecutor();
    const requests = requestsOf([online(), online(-1, "wrong"), ending("well"), ending("fly")]);
    const good = await executor.plan(requests[2]);
    expect(good).toMatchObject({ examples: 40, checksum: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(good.spec.learner).toEqual({ use: "./ending.mjs", way: "well" });
    expect(good.plugins.learner).toMatchObject({ name: "ending", package: "./ending.mjs" });
    expect((await executor.plan(requests[0])).spec.learner).toEqual({ use: "online", alpha: 0.05, clip: 0 });
    await expect(executor.plan(requests[1])).rejects.toThrow(
      /\/runs\/1\/learner\/alpha must be a number > 0|must be > 0/,
    );
    await expect(executor.plan(requests[3])).rejects.toThrow(SpecError);
  });

  it("runs cells as `run` would, the learner of each in a process of its own", async () => {
    const executor = startExecutor();
    const [cell, trained] = await planned(executor, [ending("print"), online()]);
    const progress: Progress[] = [];
    const ended = await executor.run(cell(0), { onProgress: (one) => progress.push(one) });
    expect(progress[0]).toMatchObject({ name: "print", seed: 0, total: 40 });
    const directory = join(executor.out, cell(0).directory);
    const result = resultIn(directory);
    expect(ended).toEqual({ status: "finished", result });
    expect(result.predictions?.count).toBe(100);
    expect(readdirSync(directory).toSorted()).toEqual(["journal.jsonl", "result.json"]);
    expect(await executor.run(trained())).toMatchObject({ status: "finished" });
    const files = readdirSync(join(executor.out, trained().directory));
    expect(files.toSorted()).toEqual(["journal.jsonl", "result.json", "weights.npy"]);
    const processes = [await processOf(executor, cell(1)), await processOf(executor, cell(2))];
    expect(processes[1]).not.toBe(processes[0]);
    expect(processes.filter(isAlive)).toEqual([]);
  });

  it.each([
    ["throw", "failed", /^throw, seed 0, task 0, example 0: There is no such example\.$/],
    ["exit", "crashed", /^Its process ended with exit status 3\.$/],
    ["leave", "crashed", /^Its process ended with exit status 0\.$/],
    ["die", "crashed", /^Its process was ended by SIGKILL, as the system does where memory runs out\.$/],
    ["hangUp", "crashed", /^Its process ended with exit status 1 \(Error: EBADF/],
    ["array", "out-of-memory", /: Array buffer allocation failed$/],
  ] as const)("says how a cell with the learner %s ended, and goes on", async (way, status, message) => {
    const executor = startExecutor();
    const [cell, well] = await planned(executor, [ending(way), ending("well")]);
    const ended = await executor.run(cell());
    expect(ended).toMatchObject({ status, message: expect.stringMatching(message) });
    if (way === "throw") expect(ended).toMatchObject({ cause: { stack: expect.stringContaining("ending.mjs") } });
    expect(await executor.run(well())).toMatchObject({ status: "finished" });
  });

  afterEach(() => vi.unstubAllEnvs());

  it("tells a full heap from other crashes", async () => {
    vi.stubEnv("NODE_OPTIONS", "--max-old-space-size=48");
    const executor = startExecutor();
    const [cell] = await planned(executor, [ending("heap")]);
    const lines: string[] = [];
    expect(await executor.run(cell(), { onOutput: (line) => lines.push(line) })).toEqual({
      status: "out-of-memory",
      message: "Its process had no room left on its heap; NODE_OPTIONS=--max-old-space-size=MB grants more.",
    });
    expect(lines).toEqual([]);
  });

  it("ends a learner whose process has more memory than its budget", async () => {
    const executor = startExecutor();
    const budget = { memory: 400_000_000 };
    const [cell, print] = await planned(executor, [ending("memory"), ending("print")], { protocol: { budget } });
    const ended = await executor.run(cell());
    expect(ended).toMatchObject({ status: "out-of-memory" });
    const message = "message" in ended ? ended.message : "";
    const [, had, granted] =
      /^Its process had ([\d,]+) bytes of memory, .+ grants ([\d,]+) bytes\.$/.exec(message) ?? [];
    expect(granted).toBe("400,000,000");
    expect(Number(had.replaceAll(",", ""))).toBeGreaterThan(400_000_000);
    expect(await executor.run(print())).toMatchObject({ status: "finished" });
  });

  it("ends what takes more time than its budget, and what gives no sign of life", async () => {
    const executor = startExecutor();
    const [loop] = await planned(executor, [ending("loop")], { protocol: { budget: { seconds: 0.5 } } });
    expect(await executor.run(loop())).toEqual({
      status: "timed-out",
      message: "It took more than the 0.5 s that the suite's budget grants.",
    });
    const impatient = startExecutor({ patience: 5 });
    const [silent] = await planned(executor, [ending("loop")]);
    expect(await impatient.run(silent())).toEqual({
      status: "timed-out",
      message: "It gave no sign of life for 5 s.",
    });
  });

  it("lets no cell suffer from what another left behind", async () => {
    const executor = startExecutor();
    const [later, once] = await planned(executor, [ending("later"), ending("once")]);
    expect(await executor.run(later())).toMatchObject({ status: "crashed" });
    expect(await executor.run(once(0))).toMatchObject({ status: "finished" });
    expect(await executor.run(once(1))).toMatchObject({ status: "finished" });
  });

  it("stops at a checkpoint, with which another goes on", async () => {
    const executor = startExecutor();
    const [cell] = await planned(executor, [ending("slowly")], { learner: { use: "./ending.mjs", way: "slowly" } });
    const running = executor.run(cell(), { onProgress: () => executor.stop() });
    expect(await running).toEqual({ status: "stopped" });
    expect(existsSync(join(executor.out, cell().directory, "result.json"))).toBe(false);
    expect(await executor.run(cell())).toEqual({ status: "stopped" });
    expect(await startExecutor(executor).run(cell())).toMatchObject({ status: "finished" });
  });

  it("stops one cell and no other, which goes on later to the same bits", async () => {
    const executor = startExecutor();
    const mer = {
      ...{ name: "mer", learner: { use: "mer", alpha: 0.03, s: 5, k: 6 } },
      ...{ buffer: { use: "reservoir", capacity: 20 }, network: { use: "mlp", hidden: [100] } },
      ...{ dataset: { use: "glyphs", train: 400, test: 100 } },
      stream: { use: "rotated", tasks: 5, examplesPerTask: 300 },
    };
    const [cell, other] = await planned(executor, [mer, ending("slowly")]);
    const stop = new AbortController();
    // With an experience behind it, there is a checkpoint, wherever it is stopped.
    const onProgress = ({ experience }: Progress) => experience > 0 && stop.abort();
    const both = [executor.run(cell(), { onProgress }, stop.signal), executor.run(other())];
    expect(await Promise.all(both)).toMatchObject([{ status: "stopped" }, { status: "finished" }]);
    expect(existsSync(join(executor.out, cell().directory, "result.json"))).toBe(false);
    expect(await executor.run(cell(), {}, AbortSignal.abort())).toEqual({ status: "stopped" });

    const heard: number[] = [];
    const resumed = await executor.run(cell(), { onProgress: ({ examples }) => heard.push(examples) });
    expect(heard[0]).toBeGreaterThan(0);
    const whole = await startExecutor().run(cell());
    const bits = (outcome: CellOutcome) => "result" in outcome && [outcome.status, outcome.result.digest];
    expect(bits(resumed)).toEqual(["finished", expect.stringMatching(/^[0-9a-f]{64}$/)]);
    expect(bits(resumed)).toEqual(bits(whole));
  });

  it("leaves no process behind", async () => {
    const executor = startExecutor();
    const [loop] = await planned(executor, [ending("printAndLoop")]);
    let pid = 0;
    const running = executor.run(loop(), { onOutput: (line) => (pid = Number(line)) });
    await vi.waitFor(() => expect(pid).toBeGreaterThan(0), 10_000);
    expect(isAlive(pid)).toBe(true);
    await executor.close();
    expect(await running).toEqual({ status: "stopped" });
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), 10_000);
  });
});
