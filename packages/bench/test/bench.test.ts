import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isSealed, seal, sealOf, type Tuned } from "@everlearn/records";
import { describe, expect, it } from "vitest";
import { deadLock, journalOf } from "../../records/test/folder.js";
import type { Overview } from "../src/report.js";
import type { BenchOptions } from "../src/bench.js";
import { er, type Given, inProcesses, into, states } from "./calls.js";
import { ending, jsonIn, messageOf, online, resultIn, suite } from "./suite.js";

describe("a suite", () => {
  it("gives each cell its result, in the suite's order, and is not run twice", async () => {
    const given = suite([online(), er], { seeds: [3, 1] });
    const looks: Overview[] = [];
    const first = await inProcesses(given, { onChange: (look) => looks.push(look()) });
    expect(Object.entries(states(first))).toEqual([
      ["online 3", "finished"],
      ["online 1", "finished"],
      ["er 3", "finished"],
      ["er 1", "finished"],
    ]);
    expect(first).toMatchObject({ trials: [], refused: [], stopped: false });
    for (const { result, directory, earlier } of first.cells) {
      const { predictions: _, ...written } = resultIn(directory);
      expect({ result, earlier }).toEqual({ result: written, earlier: false });
    }
    expect(looks[0]).toMatchObject({ planned: 1, runs: 2, cells: 0 });
    expect(looks.at(-1)).toMatchObject({ planned: 2, ended: 4, unfinished: 0, cells: 4, running: [], secondsLeft: 0 });
    for (const { ended, running, cells } of looks) expect(ended + running.length).toBeLessThanOrEqual(cells);
    expect(Math.max(...looks.map(({ running }) => running.length))).toBe(2);

    const made = first.cells.map(({ directory }) => statSync(join(directory, "result.json")).mtimeMs);
    // As a worker leaves them that is killed between its result and its end.
    const [{ directory: left }] = first.cells;
    const files = readdirSync(left);
    for (const name of ["checkpoint.bin", deadLock()]) writeFileSync(join(left, name), "");
    const second = await inProcesses(given, { onEnd: () => expect.unreachable() });
    expect(readdirSync(left)).toEqual(files);
    expect(second.cells).toEqual(first.cells.map((end) => ({ ...end, earlier: true })));
    expect(second.cells.map(({ directory }) => statSync(join(directory, "result.json")).mtimeMs)).toEqual(made);
    expect(Object.keys(states(await inProcesses(given, { seeds: [1, 8] })))).toEqual([
      "online 1",
      "online 8",
      "er 1",
      "er 8",
    ]);
  });

  it("goes on whatever becomes of a cell, says what, and tries again what has no result", async () => {
    const ways = ["exit", "throw", "well"].map((way) => ending(way));
    const loop = { ...ending("loop"), seeds: [0] };
    const wild = { name: "wild", learner: { use: "online", alpha: 1e30 } };
    const poor = { ...er, name: "poor" };
    const protocol = { budget: { seconds: 4, gradientsPerExample: 1.5 } };
    const given = suite([...ways, wild, poor, online(), loop], { seeds: [0, 1], protocol });
    const expected = {
      ...{ exit: "crashed", throw: "failed", well: "finished" },
      ...{ wild: "diverged", poor: "over-budget", online: "finished" },
    };
    const all = Object.entries(expected).flatMap(([name, status]) => [0, 1].map((seed) => [`${name} ${seed}`, status]));
    for (const call of [1, 2]) {
      const report = await inProcesses(given);
      expect(states(report)).toEqual({ ...Object.fromEntries(all), "loop 0": "timed-out" });
      for (const { directory, name, status, message, result, earlier } of report.cells) {
        const isResult = ["finished", "diverged", "over-budget"].includes(status);
        expect([name, result !== undefined]).toEqual([name, isResult]);
        expect([name, existsSync(join(directory, "status.json"))]).toEqual([name, !isResult]);
        expect([name, message !== undefined]).toEqual([name, status !== "finished"]);
        expect([name, earlier]).toEqual([name, isResult && call === 2]);
        expect(readdirSync(directory).filter((file) => /^lock|checkpoint/.test(file))).toEqual([]);
        if (isResult) continue;
        const written = jsonIn(directory, "status.json") as { time: string };
        expect(written).toEqual(seal({ status, message, time: new Date(written.time).toISOString() }));
      }
    }
  });

  it("whose cell comes to a result after it failed has no status.json any more", async () => {
    const given = suite([ending("well")]);
    const directory = join(given.folder, "out/well/seed-0");
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "status.json"), "{}");
    expect(states(await into(given))).toEqual({ "well 0": "finished" });
    expect(existsSync(join(directory, "status.json"))).toBe(false);
  });

  it("is stopped at once while it is planned, and at checkpoints later; then it goes on", async () => {
    const given = suite([ending("slowly"), online()], { seeds: [0, 1, 2] });
    const signal = AbortSignal.abort();
    expect(await inProcesses(given, { signal })).toEqual({
      cells: [],
      trials: [],
      choices: [],
      refused: [],
      checks: [],
      stopped: true,
    });
    const stop = new AbortController();
    const stopped = await inProcesses(given, {
      signal: stop.signal,
      onChange: (look) => look().running.some(({ progress }) => progress?.examples) && stop.abort(),
    });
    expect(stopped.stopped).toBe(true);
    expect(stopped.cells.length).toBeLessThan(6);
    const again = await inProcesses(given);
    expect(again.stopped).toBe(false);
    expect(new Set(Object.values(states(again)))).toEqual(new Set(["finished"]));
    expect(again.cells.filter(({ earlier }) => earlier).length).toBe(stopped.cells.length);
  });

  it("passes on what plugins write, with the run's name", async () => {
    const said: string[] = [];
    await inProcesses(suite([ending("print")]), { onOutput: (line, name) => said.push(`${name}: ${line}`) });
    expect(said.toSorted()[0]).toBe("print: err");
    expect(said.toSorted().at(-1)).toMatch(/^print: out of \d+$/);
  });
});

describe("before anything starts", () => {
  const refused = async (given: Given, options: Partial<BenchOptions> = {}): Promise<string> => {
    const error: unknown = await into(given, options).then(
      () => expect.unreachable(),
      (error: unknown) => error,
    );
    return messageOf(error, given.folder);
  };

  it("all mistakes in all runs are told", async () => {
    const given = suite([online(-1), { name: "b", learner: { use: "onlin", alpha: 1 } }, er]);
    const message = await refused(given);
    const [alpha, learner, ...rest] = message.split("\n");
    expect(alpha).toMatch(/^suite\.json: \/runs\/0\/learner\/alpha must be > 0, but is -1\.$/);
    expect(learner).toMatch(
      /^suite\.json: \/runs\/1\/learner\/use: There is no learner "onlin"; did you mean "online"\?/,
    );
    expect(rest).toEqual([]);
    expect(existsSync(join(given.folder, "out"))).toBe(false);
  });

  it("two runs of one name are refused, and an impossible number of processes", async () => {
    const { folder, specs } = suite([online()]);
    expect(await refused({ folder, specs: [...specs, ...specs] })).toBe(
      'Two runs are called "online"; their results would share a folder. Rename one.',
    );
    expect(await refused({ folder, specs }, { jobs: 0 })).toBe("jobs is 0; give an integer from 1.");
  });

  it("a closed track is checked, with every option that was left open", async () => {
    const other = { ...online(0.1, "other"), network: { use: "mlp", hidden: [9] } };
    const same = { ...online(0.1, "same"), stream: { use: "rotated", tasks: 2, examplesPerTask: 20, maxAngle: 180 } };
    const given = suite([online(), same, other], { protocol: { track: "closed" } });
    expect(await refused(given)).toMatch(
      /^suite\.json: \/runs\/2: other has another network than online, but the track/,
    );
    expect(existsSync(join(given.folder, "out"))).toBe(false);
  });

  it("another's results are told, and kept", async () => {
    const given = suite([online(), er]);
    await into(given);
    const changed = [{ ...given.specs[0], learner: { use: "online", alpha: 1 } }];
    const path = join(given.folder, "out/online/seed-0/result.json");
    const before = readFileSync(path, "utf8");
    expect(await refused({ ...given, specs: changed })).toBe(
      '"out/online/seed-0/result.json" belongs to a run with another spec, seed, data set or plugin version; choose another folder with --out.',
    );
    expect(readFileSync(path, "utf8")).toBe(before);
  });
});

describe("a result that is damaged or edited", () => {
  const edited = (text: string) => text.replace(/"retainedAccuracy": [\d.]+/, '"retainedAccuracy": 0.999');
  const resealed = (change: object) => (text: string) =>
    JSON.stringify(seal({ ...JSON.parse(text), ...change }, sealOf));
  const other = { network: { use: "mlp", hidden: [9] } };

  it.each<[string, (text: string) => string, RegExp]>([
    [
      "cut short",
      (text) => text.slice(0, 99),
      /result\.json" is damaged, or no receipt: line \d+, column \d+: .+; delete it/,
    ],
    [
      "edited",
      edited,
      /result\.json" was changed after it was written: its seal does not match; delete it and --resume/,
    ],
    [
      "without its seal",
      (text) => text.replace(/,\s+"seal": "\w+"/, ""),
      /changed after it was written: its seal is gone/,
    ],
    [
      "of other data",
      resealed({ checksum: "0" }),
      /was edited: its checksum is not the one from which its cellId follows/,
    ],
    ["of another version", resealed({ plugins: {} }), /was edited: its plugins is not the one/],
  ])("touches no other cell, and is named and kept: %s", async (_, damage, message) => {
    const given = suite([online(), er], { seeds: [0, 1] });
    await into(given, { seeds: [0] });
    const path = join(given.folder, "out/online/seed-0/result.json");
    writeFileSync(path, damage(readFileSync(path, "utf8")));
    const before = readFileSync(path);
    for (const call of [1, 2]) {
      const report = await into(given);
      expect(states(report)).toEqual({
        ...{ "online 0": "damaged", "online 1": "finished", "er 0": "finished", "er 1": "finished" },
      });
      expect(report.cells[0]).toMatchObject({ message: expect.stringMatching(message), earlier: true });
      expect([call, report.cells[0].result]).toEqual([call, undefined]);
      expect(readFileSync(path)).toEqual(before);
      expect(existsSync(join(given.folder, "out/online/seed-0/status.json"))).toBe(false);
    }
    rmSync(path);
    expect(states(await into(given))).toMatchObject({ "online 0": "finished" });
  });

  it("is refused where its spec is not the one that was run, and taken where only a name for it is another", async () => {
    const given = suite([online()]);
    const path = join(given.folder, "out/online/seed-0/result.json");
    await into(given);
    const result = resultIn(given.folder, "out/online/seed-0");
    writeFileSync(path, resealed({ spec: { ...result.spec, ...other } })(JSON.stringify(result)));
    const [cell] = (await into(given)).cells;
    expect(cell.message).toMatch(
      /was edited: its spec\/network is not the one from which its cellId follows; delete it/,
    );
    const spec = { ...result.spec, learner: { ...result.spec.learner, use: "@everlearn/learner-online" } };
    writeFileSync(path, resealed({ spec })(JSON.stringify(result)));
    expect(states(await into(given))).toEqual({ "online 0": "finished" });
  });

  it("has weights of which the hash is sealed: others are named", async () => {
    const given = suite([online()]);
    await into(given);
    const path = join(given.folder, "out/online/seed-0/weights.npy");
    const weights = readFileSync(path);
    expect(resultIn(given.folder, "out/online/seed-0").weights).toBe(
      createHash("sha256").update(weights).digest("hex"),
    );
    weights[weights.length - 1] ^= 1;
    writeFileSync(path, weights);
    const [cell] = (await into(given)).cells;
    expect(cell.status).toBe("damaged");
    expect(cell.message).toMatch(
      /^The weights ".+weights\.npy" are damaged: .+; delete both files, and --resume makes them/,
    );
    rmSync(path); // as of a cell that ran elsewhere
    expect(states(await into(given))).toEqual({ "online 0": "finished" });
  });

  it("decides no search", async () => {
    const space = { online: { "learner/alpha": [1e-6, 0.05] } };
    const tuning = { protocol: "search", trials: 9, seeds: [100], space };
    const given = suite([{ name: "online", learner: { use: "online" } }, er], { seeds: [0], protocol: { tuning } });
    await into(given);
    const out = join(given.folder, "out");
    const tuned = jsonIn(out, "online/tuning.json") as Tuned;
    expect(isSealed(tuned)).toBe(true);
    const worst = join(out, "tuning/online", tuned.points[1 - tuned.chosen].id, "seed-100/result.json");
    writeFileSync(worst, edited(readFileSync(worst, "utf8")));
    const report = await into(given);
    expect(report.trials.map(({ status }) => status).toSorted()).toEqual(["damaged", "finished"]);
    expect(report.refused).toMatchObject([{ name: "online" }]);
    expect(states(report)).toEqual({ "er 0": "finished" });
  });
});

describe("several calls into one folder", () => {
  it("share the work: no cell runs twice, and each call answers with all of its own", async () => {
    const given = suite([ending("slowly"), online()], { seeds: [0, 1, 2] });
    const out = join(given.folder, "out");
    const said: string[] = [];
    const both = await Promise.all([
      inProcesses(given, { jobs: 1, onOutput: (line) => said.push(line) }),
      inProcesses(given, { jobs: 1, onOutput: (line) => said.push(line) }),
      inProcesses({ ...given, specs: [given.specs[1]] }, { seeds: [7, 8], jobs: 1 }),
    ]);
    for (const report of both) expect(new Set(Object.values(states(report)))).toEqual(new Set(["finished"]));
    expect(both.map(({ cells }) => cells.length)).toEqual([6, 6, 2]);
    expect(both[0].cells.map(({ result }) => result)).toEqual(both[1].cells.map(({ result }) => result));
    for (const { directory } of both[0].cells) {
      expect(readdirSync(directory).filter((name) => !/^(journal|result|weights)\.\w+$/.test(name))).toEqual([]);
      expect(journalOf(directory).filter(({ type }) => type === "start" || type === "end")).toHaveLength(2);
    }
    expect(readdirSync(out).toSorted()).toEqual(["online", "slowly"]);
    expect(said.filter((line) => !line.includes("is in use by process"))).toEqual([]);
  });

  it("wait for each other's trials and checks", async () => {
    const tuning = {
      protocol: "search",
      trials: 9,
      seeds: [100, 101],
      space: { online: { "learner/alpha": [0.01, 0.05] } },
    };
    const given = suite([{ name: "online", learner: { use: "online" } }], { seeds: [0, 1], protocol: { tuning } });
    const reports = await Promise.all([[0], [1]].map((seeds) => inProcesses(given, { seeds, jobs: 2, checks: true })));
    for (const [seed, { cells, trials, refused, checks }] of reports.entries()) {
      expect([cells.length, trials.length, refused, cells[0].seed]).toEqual([1, 4, [], seed]);
      expect(checks).toMatchObject([{ status: "honest" }]);
    }
    expect(isSealed(jsonIn(given.folder, "out/online/tuning.json"))).toBe(true);
    expect(isSealed(jsonIn(given.folder, "out/online/checks.json"))).toBe(true);
    expect(readdirSync(join(given.folder, "out/online")).filter((name) => name.endsWith(".part"))).toEqual([]);
  });
});
