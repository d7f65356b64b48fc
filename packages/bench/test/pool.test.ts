import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { SpecError } from "@everlearn/host";
import type { Progress } from "@everlearn/runner";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import type { CellRequest } from "../src/message.js";
import { createPool, type Pool, type PoolOptions } from "../src/pool.js";
import { from } from "./fixture.js";
import { ending, online, resultIn, suite } from "./suite.js";

function pool(options: PoolOptions = {}): Pool {
  const made = createPool(options);
  onTestFinished(() => made.close());
  return made;
}

/** Plans the runs of a suite. @returns for each, what asks for its cell at a seed */
async function planned(made: Pool, ...of: Parameters<typeof suite>) {
  const { folder, specs } = suite(...of);
  return Promise.all(
    specs.map(async (spec) => {
      const request = { spec, from: [folder, ...from] };
      const { specId } = await made.plan(request);
      return (seed = 0): CellRequest => ({ ...request, specId, seed, directory: join(folder, spec.name, `${seed}`) });
    }),
  );
}

/** The number of the process that a cell printed. */
async function processOf(made: Pool, cell: CellRequest): Promise<number> {
  const lines: string[] = [];
  expect(await made.run(cell, { onOutput: (line) => lines.push(line) })).toMatchObject({ status: "finished" });
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

describe("a pool", () => {
  it("plans a run without loading its plugins here, and says what is wrong with one", async () => {
    const made = pool();
    const { folder, specs } = suite([online(), online(-1, "wrong"), ending("well"), ending("fly")]);
    const request = (i: number) => ({ spec: specs[i], from: [folder, ...from] });
    const good = await made.plan(request(2));
    expect(good).toMatchObject({ examples: 40, checksum: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(good.spec.learner).toEqual({ use: "./ending.mjs", way: "well" });
    expect(good.plugins.learner).toMatchObject({ name: "ending", package: "./ending.mjs" });
    expect((await made.plan(request(0))).spec.learner).toEqual({ use: "online", alpha: 0.05, clip: 0 });
    await expect(made.plan(request(1))).rejects.toThrow(/\/runs\/1\/learner\/alpha must be a number > 0|must be > 0/);
    await expect(made.plan(request(3))).rejects.toThrow(SpecError);
  });

  it("runs cells in one warm process after the other, as `run` would", async () => {
    const made = pool();
    const [cell] = await planned(made, [ending("print")]);
    const progress: Progress[] = [];
    const ended = await made.run(cell(0), { onProgress: (one) => progress.push(one) });
    expect(progress[0]).toMatchObject({ name: "print", seed: 0, total: 40 });
    const { predictions, ...result } = resultIn(cell(0).directory);
    expect(ended).toEqual({ status: "finished", result });
    expect(predictions?.count).toBe(100);
    expect(readdirSync(cell(0).directory).toSorted()).toEqual([
      "accuracy.svg",
      "journal.jsonl",
      "result.json",
      "weights.npy",
    ]);
    const processes = [await processOf(made, cell(1)), await processOf(made, cell(2))];
    expect(processes[1]).toBe(processes[0]);
  });

  it.each([
    ["throw", "failed", /^throw, seed 0, task 0, example 0: There is no such example\.$/],
    ["exit", "crashed", /^Its process ended with exit status 3\.$/],
    ["leave", "crashed", /^Its process ended with exit status 0\.$/],
    ["die", "crashed", /^Its process was ended by SIGKILL, as the system does where memory runs out\.$/],
    ["hangUp", "crashed", /^Its process was ended by SIGKILL/],
    ["array", "out-of-memory", /: Array buffer allocation failed$/],
  ] as const)("says how a cell with the learner %s ended, and goes on", async (way, status, message) => {
    const made = pool();
    const [cell, well] = await planned(made, [ending(way), ending("well")]);
    expect(await made.run(cell())).toEqual({ status, message: expect.stringMatching(message) });
    expect(await made.run(well())).toMatchObject({ status: "finished" });
  });

  afterEach(() => vi.unstubAllEnvs());

  it("tells a full heap from other crashes", async () => {
    vi.stubEnv("NODE_OPTIONS", "--max-old-space-size=48");
    const made = pool();
    const [cell] = await planned(made, [ending("heap")]);
    const lines: string[] = [];
    expect(await made.run(cell(), { onOutput: (line) => lines.push(line) })).toEqual({
      status: "out-of-memory",
      message: "Its process had no room left on its heap; NODE_OPTIONS=--max-old-space-size=MB grants more.",
    });
    expect(lines).toEqual([]);
  });

  it("ends a process that has more memory than its budget, and asks no more of one that others used", async () => {
    const made = pool();
    const budget = { memory: 400_000_000 };
    const [cell, print] = await planned(made, [ending("memory"), ending("print")], { protocol: { budget } });
    const ended = await made.run(cell());
    expect(ended).toMatchObject({ status: "out-of-memory" });
    const message = "message" in ended ? ended.message : "";
    const [, had, granted] =
      /^Its process had ([\d,]+) bytes of memory, .+ grants ([\d,]+) bytes\.$/.exec(message) ?? [];
    expect(granted).toBe("400,000,000");
    expect(Number(had.replaceAll(",", ""))).toBeGreaterThan(400_000_000);
    const processes = [await processOf(made, print(0)), await processOf(made, print(1))];
    expect(processes[1]).not.toBe(processes[0]);
    expect(processes.filter(isAlive)).toEqual([]);
  });

  it("ends what takes more time than its budget, and what gives no sign of life", async () => {
    const made = pool();
    const [loop] = await planned(made, [ending("loop")], { protocol: { budget: { seconds: 0.5 } } });
    expect(await made.run(loop())).toEqual({
      status: "timed-out",
      message: "It took more than the 0.5 s that the suite's budget grants.",
    });
    const impatient = pool({ patience: 6 });
    const [silent] = await planned(impatient, [ending("loop")]);
    expect(await impatient.run(silent())).toEqual({
      status: "timed-out",
      message: "It gave no sign of life for 6 s.",
    });
  });

  it("does not hold against a cell what another left behind in its process", async () => {
    const made = pool();
    const [later, once] = await planned(made, [ending("later"), ending("once")]);
    expect(await made.run(later())).toMatchObject({ status: "finished" });
    expect(await made.run(once(0))).toMatchObject({ status: "finished" });
    expect(await made.run(once(1))).toMatchObject({ status: "finished" });
  });

  it("stops at a checkpoint, with which another goes on", async () => {
    const made = pool();
    const [cell] = await planned(made, [ending("slowly")], { learner: { use: "./ending.mjs", way: "slowly" } });
    const running = made.run(cell(), { onProgress: () => made.stop() });
    expect(await running).toEqual({ status: "stopped" });
    expect(existsSync(join(cell().directory, "result.json"))).toBe(false);
    expect(await made.run(cell())).toEqual({ status: "stopped" });
    expect(await pool().run(cell())).toMatchObject({ status: "finished" });
  });

  it("leaves no process behind", async () => {
    const made = pool();
    const [print, loop] = await planned(made, [ending("print"), ending("loop")]);
    const pid = await processOf(made, print());
    const running = made.run(loop());
    await wait(200);
    expect(isAlive(pid)).toBe(true);
    await made.close();
    expect(await running).toEqual({ status: "stopped" });
    expect(isAlive(pid)).toBe(false);
  });
});
