import { existsSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { SpecError } from "@everlearn/contracts";
import type { Result } from "@everlearn/records";
import { describe, expect, it, vi } from "vitest";
import { bench } from "../src/bench.js";
import type { Executor } from "../src/executor.js";
import { isHonest } from "../src/honesty.js";
import type { BenchReport } from "../src/report.js";
import type { CellOutcome, CheckOutcome } from "../src/status.js";
import { from, temporary } from "./fixture.js";
import { createLocalExecutor } from "./local-executor.js";
import { jsonIn, messageOf, online, resultIn, suite } from "./suite.js";

const er = { name: "er", learner: { use: "er", alpha: 0.05, k: 3 }, buffer: { use: "reservoir", capacity: 10 } };
const wild = { name: "wild", learner: { use: "online", alpha: 1e30 } };

/** All strings within a value, keys included. */
function stringsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => [key, ...stringsIn(one)]);
}

/** What a report says whoever ran the cells, and wherever. */
function lasting({ cells, trials, ...rest }: BenchReport, folder: string) {
  const ends = (list: BenchReport["cells"]) =>
    list.map(({ result, directory, ...end }) => {
      const { seconds: _, journal: __, seal: ___, usage: ____, ...found } = result as Result;
      return { ...end, directory: directory.replace(folder, ""), found };
    });
  // A check draws a secret of its own.
  const checks = rest.checks.map(({ honesty, ...end }) => ({ ...end, passed: honesty && isHonest(honesty) }));
  return { ...rest, checks, cells: ends(cells), trials: ends(trials) };
}

describe("a suite with an executor of its own", () => {
  it("has the report that it has with processes, and holds the results, though its cells ran elsewhere", async () => {
    const tuning = { protocol: "search", trials: 2, seeds: [9], space: { online: { "learner/alpha": [1e-7, 0.05] } } };
    const given = () => suite([online(), er, wild], { seeds: [3, 1], protocol: { tuning } });
    const [there, here, elsewhere] = [given(), given(), temporary()];
    const options = { from, jobs: 2, checks: true };
    const usual = await bench(there.specs, { ...options, out: join(there.folder, "out") });
    const out = join(here.folder, "out");
    const own = await bench(here.specs, { ...options, out, executor: createLocalExecutor(elsewhere) });
    expect(usual.cells.map(({ status }) => status)).toEqual([
      ...["finished", "finished", "finished", "finished", "diverged", "diverged"],
    ]);
    expect([usual.trials, usual.checks].map(({ length }) => length)).toEqual([2, 3]);
    expect(lasting(own, here.folder)).toEqual(lasting(usual, there.folder));

    for (const { directory } of [...own.cells, ...own.trials]) {
      const lies = resultIn(directory);
      expect(lies).toEqual(resultIn(directory.replace(out, elsewhere)));
      expect(lies.predictions?.count).toBe(lies.status === "finished" ? 100 : undefined);
    }
    const again = await bench(here.specs, { ...options, out, executor: createLocalExecutor(temporary()) });
    expect([...again.cells, ...again.trials, ...again.checks].every(({ earlier }) => earlier)).toBe(true);
    expect(again.cells.map(({ result }) => result)).toEqual(own.cells.map(({ result }) => result));
  });

  it("asks for nothing by an absolute path, and is answered with all that was found", async () => {
    const { folder, specs } = suite([online(), er], { seeds: [3] });
    const out = join(folder, "out");
    const [asked, answers]: [object[], CellOutcome[]] = [[], []];
    const local = createLocalExecutor(temporary());
    const executor: Executor = {
      ...local,
      plan: (request) => (asked.push(request), local.plan(request)),
      check: (request) => (asked.push(request), local.check(request)),
      async run(request) {
        asked.push(request);
        const answer = await local.run(request);
        answers.push(answer);
        return answer;
      },
    };
    expect(specs.every(({ source }) => isAbsolute(source?.file ?? ""))).toBe(true);
    await bench(specs, { out, from, jobs: 1, executor, checks: true, commit: "abc", checkpointEvery: 7 });
    expect(asked).toHaveLength(3 * 2);
    const places = asked.flatMap(stringsIn).filter((text) => !/^\/runs\/\d$/.test(text)); // those are places in the suite
    expect(places.filter((text) => isAbsolute(text))).toEqual([]);
    const cells = asked.filter((request) => "seed" in request);
    expect(cells).toMatchObject(
      ["online", "er"].map((name) => ({
        ...{ spec: { name }, specId: expect.stringMatching(/^[0-9a-f]{64}$/), seed: 3 },
        ...{ directory: `${name}/seed-3`, commit: "abc", checkpointEvery: 7 },
      })),
    );
    expect(structuredClone(asked)).toEqual(asked); // it can be sent to whoever runs it
    for (const answer of answers)
      expect(answer).toMatchObject({ status: "finished", result: { predictions: { deflated: expect.any(String) } } });
  });

  it.each(["failed", "crashed", "out-of-memory", "timed-out"] as const)(
    "says which cell %s, and tries it again",
    async (status) => {
      const { folder, specs } = suite([online(), er], { seeds: [0] });
      const out = join(folder, "out");
      const local = createLocalExecutor(temporary());
      const failing: CellOutcome = { status, message: "It was not to be." };
      const run: Executor["run"] = (request, ...rest) =>
        request.spec.name === "er" ? Promise.resolve(failing) : local.run(request, ...rest);
      const checked: string[] = [];
      const check: Executor["check"] = (request) => {
        checked.push(request.directory);
        return Promise.resolve<CheckOutcome>({ status, message: "Nor this." });
      };
      const options = { out, from, jobs: 2, checks: true };
      const { cells, checks, stopped } = await bench(specs, { ...options, executor: { ...local, run, check } });
      expect(cells.map((cell) => [cell.name, cell.status, cell.message])).toEqual([
        ["online", "finished", undefined],
        ["er", status, "It was not to be."],
      ]);
      expect(stopped).toBe(false);
      expect(jsonIn(out, "er/seed-0/status.json")).toMatchObject({ status, message: "It was not to be." });
      expect(checked).toEqual(["online"]); // a run without results is not checked
      expect(checks).toEqual([{ name: "online", status, message: "Nor this.", earlier: false }]);
      expect(existsSync(join(out, "online/checks.json"))).toBe(false);

      const again = await bench(specs, { ...options, executor: local });
      expect(again.cells.map(({ earlier, ...cell }) => [cell.status, earlier])).toEqual([
        ["finished", true],
        ["finished", false],
      ]);
      expect(existsSync(join(out, "er/seed-0/status.json"))).toBe(false);
      expect(again.checks.map(({ name }) => name)).toEqual(["online", "er"]);
    },
  );

  it("stops and closes it, whatever happens", async () => {
    const { folder, specs } = suite([online(), er], { seeds: [0] });
    const out = join(folder, "out");
    const watched = (changes: Partial<Executor>) => {
      const executor = { ...createLocalExecutor(temporary()), ...changes };
      return { executor, stop: vi.spyOn(executor, "stop"), close: vi.spyOn(executor, "close") };
    };
    const options = { out, from, jobs: 1 };

    const stopping = new AbortController();
    const stopped = watched({
      run() {
        stopping.abort();
        return Promise.resolve({ status: "stopped" });
      },
    });
    const report = await bench(specs, { ...options, executor: stopped.executor, signal: stopping.signal });
    expect(report).toMatchObject({ cells: [], checks: [], stopped: true });
    for (const spy of [stopped.stop, stopped.close]) expect(spy).toHaveBeenCalledOnce();

    const refusing = watched({ plan: () => Promise.reject(new SpecError(["There is no such plugin."])) });
    const refused = await bench(specs, { ...options, executor: refusing.executor }).catch((error: unknown) => error);
    expect(messageOf(refused, folder)).toBe("There is no such plugin.");
    expect([refusing.stop.mock.calls.length, refusing.close.mock.calls.length]).toEqual([0, 1]);

    const broken = watched({ run: () => Promise.reject(new Error("The queue is gone.")) });
    await expect(bench(specs, { ...options, executor: broken.executor })).rejects.toThrow("The queue is gone.");
    expect(broken.close).toHaveBeenCalledOnce();
    expect(existsSync(out)).toBe(false); // nothing began there
  });
});
