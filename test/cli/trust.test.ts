import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Receipt, type Result, seal, sealOf } from "@everlearn/records";
import { describe, expect, it } from "vitest";
import { copies, everlearn, resultOf, small } from "./everlearn.js";

const { name: _, ...shared } = small;
const seeds = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const suite = {
  ...shared,
  name: "demo",
  seeds,
  protocol: {
    ...{ title: "The demo", track: "closed", minimumEffect: 0.01 },
    tuning: { protocol: "search", trials: 2, seeds: [100], space: { er: { "learner/alpha": [0.02, 0.05] } } },
  },
  runs: [
    { name: "er", label: "ER" },
    { name: "online", learner: { use: "online", alpha: 0.1 }, buffer: null },
  ],
};

async function makeResults(cwd: string): Promise<void> {
  writeFileSync(join(cwd, "suite.json"), JSON.stringify(suite));
  const { status, stderr } = await everlearn(["bench", "suite.json", "--out", "out"], { cwd });
  expect({ status, stderr }).toMatchObject({ status: 0 });
}

/** A folder of its own with the suite's results. */
const withResults = copies(makeResults);

/** The rows of the leaderboard by run, and what it wrote to standard error. */
async function board(cwd: string, ...args: string[]) {
  const { status, stderr } = await everlearn(["leaderboard", ...args, "--suite", "suite.json", "--out", "board"], {
    cwd,
  });
  const [titles, ...lines] = readFileSync(join(cwd, "board/tables.csv"), "utf8").trimEnd().split("\r\n");
  const cells = (line: string) =>
    [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(([, cell]) => cell.replace(/^"|"$/g, ""));
  const rows = lines.map((line) => Object.fromEntries(cells(titles).map((title, i) => [title, cells(line)[i]])));
  return { status, stderr, rows, of: (run: string) => rows.filter((row) => row.run === run) };
}

/** A stranger's receipts: those of ER, changed, in a folder that comes before all others. */
function strangers(cwd: string, change: (result: Result) => object): void {
  for (const seed of seeds) {
    const { seal: _, ...result } = { ...resultOf(join(cwd, `out/er/seed-${seed}`)) } as Result;
    const lie = { ...result, ...change(result as Result) } as unknown as Receipt;
    mkdirSync(join(cwd, `out/aaa/seed-${seed}`), { recursive: true });
    writeFileSync(join(cwd, `out/aaa/seed-${seed}/result.json`), JSON.stringify({ ...lie, seal: sealOf({ ...lie }) }));
  }
}

describe.concurrent("a leaderboard of results from anywhere", () => {
  it("ranks what bench made, checked and tuned, from folders and packed files alike", async () => {
    const cwd = await withResults();
    const { suite: rules, tuning } = resultOf(join(cwd, "out/er/seed-0"));
    for (const hash of [rules, tuning]) expect(hash).toMatch(/^[0-9a-f]{64}$/);
    const first = await board(cwd, "out");
    expect(first).toMatchObject({ status: 0, stderr: "" });
    for (const run of ["er", "online"])
      expect(first.of(run)).toMatchObject([
        {
          standing: "ranked",
          rules: "suite",
          notes: "",
          trust: "checked: batches, canary, resume, stream, taskLabels",
        },
      ]);
    expect((await everlearn(["receipts", "out", "--out", "packed"], { cwd })).status).toBe(0);
    expect((await board(cwd, "packed")).rows).toEqual(first.rows);
  });

  it("sets apart what run made of a run that is to be searched", async () => {
    const cwd = await withResults();
    rmSync(join(cwd, "out/er"), { recursive: true });
    expect((await everlearn(["run", "suite.json", "--only", "er", "--out", "out"], { cwd })).status).toBe(0);
    const { of } = await board(cwd, "out");
    expect(of("er")[0]).toMatchObject({
      standing: "set apart",
      reasons: expect.stringContaining("without the sealed trials of a search") as string,
    });
    expect(of("online")[0].standing).toBe("ranked");
  });

  it("is not changed by strangers who take others' names, cells and places", async () => {
    const cwd = await withResults();
    const before = await board(cwd, "out");
    const changes: ((result: Result) => object)[] = [
      ({ spec }) => ({
        spec: { ...spec, label: "SOTA", protocol: { ...spec.protocol, title: "Mine", minimumEffect: 1 } },
      }),
      ({ spec }) => ({ spec: { ...spec, stream: { ...spec.stream, tasks: 1 } } }),
      ({ spec }) => ({ specId: "b".repeat(64), spec: { ...spec, buffer: { use: "reservoir", capacity: 9999 } } }),
      ({ plugins }) => ({ plugins: { ...plugins, learner: { name: "cheat", package: "cheat", version: "1.0.0" } } }),
      () => ({ checksum: "0".repeat(64) }),
      ({ metrics }) => ({ metrics: { ...metrics, retainedAccuracy: 0.01 } }),
      ({ metrics, seed }) => ({
        metrics: { ...metrics, retainedAccuracy: seed === 0 ? 0.01 : metrics.retainedAccuracy },
      }),
      () => ({ digest: "0".repeat(64) }),
    ];
    for (const change of changes) {
      strangers(cwd, change);
      const { rows } = await board(cwd, "out");
      const honest = (all: typeof rows) =>
        all
          .filter(({ standing, label }) => standing === "ranked" && /^(ER|online)( |$)/.test(label))
          .map(({ run, specId, retainedAccuracy, suite }) => [run, specId, retainedAccuracy, suite]);
      expect(
        honest(rows).filter((row) => honest(before.rows).some((one) => one.join() === row.join())).length,
      ).toBeGreaterThanOrEqual(2);
      rmSync(join(cwd, "out/aaa"), { recursive: true });
    }
  });

  it("takes honesty checks with a seal that fits, and sets apart who failed one", async () => {
    const cwd = await withResults();
    const path = join(cwd, "out/er/checks.json");
    const record = JSON.parse(readFileSync(path, "utf8")) as { canary: object };
    writeFileSync(path, JSON.stringify({ ...record, canary: { ...record.canary, retainedAccuracy: 0 } }));
    const edited = await board(cwd, "out");
    expect(edited.stderr).toMatch(
      /checks\.json has no seal, or was changed after it was written; it is as if it were not there/,
    );
    expect(edited.of("er")[0]).toMatchObject({ standing: "ranked", trust: "declared" });
    writeFileSync(path, JSON.stringify(seal({ ...record, resumed: { passed: false, example: 7 } })));
    const failed = await board(cwd, "out");
    expect(failed.of("er")[0]).toMatchObject({ standing: "set apart", trust: "failed: resumed", rank: "" });
    expect(failed.of("er")[0].reasons).toContain("Failed the honesty check");
  });

  it("marks as re-run what a signed report says was reproduced, and ignores others", async () => {
    const cwd = await withResults();
    const key = await everlearn(["key", "new", "me"], { cwd });
    expect(key.status).toBe(0);
    const fingerprint = /fingerprint is ([0-9a-f]{16})/.exec(key.stdout)?.[1] ?? "";
    if (process.platform !== "win32") expect(statSync(join(cwd, "me")).mode & 0o777).toBe(0o600);
    expect((await everlearn(["key", "new", "me"], { cwd })).stderr).toContain("a key is never overwritten");
    await everlearn(["key", "new", "other"], { cwd });
    const some = ["out/er/seed-0", "out/er/seed-1"];
    const verified = await everlearn(["verify", ...some, "--report", "report.json", "--key", "me"], { cwd });
    expect(verified).toMatchObject({ status: 0 });
    const said = readFileSync(join(cwd, "report.json"), "utf8");
    expect(said).not.toContain("PRIVATE");
    expect(JSON.parse(said)).toMatchObject({
      report: { receipts: [{ outcome: "reproduced" }, { outcome: "reproduced" }] },
    });

    const trusting = await board(cwd, "out", "--report", "report.json", "--trust", "me.pub");
    expect(trusting.of("er")[0].trust).toContain(`re-run: 2 of 10 cells, by ${fingerprint}`);
    const other = await board(cwd, "out", "--report", "report.json", "--trust", "other.pub");
    expect(other.stderr).toContain(
      `report.json is signed by ${fingerprint}, which is none of the trusted keys; it is ignored.`,
    );
    expect(other.of("er")[0].trust).toMatch(/^checked/);
    writeFileSync(join(cwd, "report.json"), said.replace('"reproduced"', '"different"'));
    expect((await board(cwd, "out", "--report", "report.json")).stderr).toContain(
      "was changed after it was written; it is ignored",
    );

    // A receipt that says otherwise than the cell that was run again is none of its business.
    strangers(cwd, ({ metrics }) => ({ metrics: { ...metrics, retainedAccuracy: 0.99 } }));
    writeFileSync(join(cwd, "report.json"), said);
    rmSync(join(cwd, "out/er"), { recursive: true });
    expect((await board(cwd, "out", "--report", "report.json")).of("er")[0].trust).not.toContain("re-run");
  });

  it("says where a report shows that a receipt is not true", async () => {
    const cwd = await withResults();
    strangers(cwd, ({ metrics }) => ({ metrics: { ...metrics, retainedAccuracy: 0.99 } }));
    rmSync(join(cwd, "out/er"), { recursive: true });
    const { status } = await everlearn(["verify", "out/aaa/seed-3", "--report", "report.json"], { cwd });
    expect(status).toBe(1);
    expect(existsSync(join(cwd, "report.json"))).toBe(true);
    const { of } = await board(cwd, "out", "--report", "report.json");
    expect(of("er")[0]).toMatchObject({
      standing: "set apart",
      reasons: expect.stringContaining("Not reproduced when it was run again: 1 cell") as string,
    });
  });

  it("refuses keys that are none, and a key without a report", async () => {
    const cwd = await withResults();
    for (const [args, sentence] of [
      [["verify", "out/er/seed-0", "--key", "suite.json"], "--key signs a report; name its file with --report"],
      [["verify", "out/er/seed-0", "--report", "r.json", "--key", "suite.json"], "suite.json cannot be read as a key"],
      [["leaderboard", "out", "--out", "b", "--trust", "nowhere"], "nowhere cannot be read as a key"],
      [["leaderboard", "out", "--out", "b", "--report", "nowhere"], "nowhere cannot be read (ENOENT)"],
    ] as const) {
      const { status, stderr } = await everlearn(args, { cwd });
      expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining(sentence) as string });
    }
  });
});
