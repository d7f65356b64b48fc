import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Overview } from "@everlearn/bench";
import type { Progress } from "@everlearn/runner";
import { describe, expect, it } from "vitest";
import { boardLines, createBoard, summaryLine } from "../../packages/cli/src/board.js";
import {
  checkComplaint,
  type Ended,
  everlearn,
  folder,
  journalOf,
  resultOf,
  small,
  start,
  timeless,
} from "./everlearn.js";
import { childrenOf, isAlive } from "./processes.js";

const { name: _, learner, buffer, ...shared } = small;
const er = { name: "er", learner, buffer };
const online = { name: "online", learner: { use: "online", alpha: 0.05 } };
/** Takes a second. */
const slow = {
  name: "slow",
  learner: { use: "mer", alpha: 0.03, s: 5, k: 6 },
  buffer,
  stream: { use: "rotated", tasks: 3, examplesPerTask: 300 },
  network: { use: "mlp", hidden: [100] },
};

function withSuite(runs: readonly object[], more: object = {}): string {
  const cwd = folder();
  writeFileSync(join(cwd, "suite.json"), JSON.stringify({ ...shared, seeds: [0, 1], ...more, runs }));
  return cwd;
}

const command = ["bench", "suite.json", "--out", "out", "--jobs", "2"];

/** How the command ended, without the lines that say now and then where it is: a slow machine sees more of them. */
function unwatched({ status, stdout, stderr }: Ended) {
  return { status, stdout, stderr: stderr.replaceAll(/^\d+ of \d+ (?:runs planned|cells ended).*\n/gm, "") };
}

const bench = async (cwd: string, ...more: string[]) => unwatched(await everlearn([...command, ...more], { cwd }));

/** Waits until all cells of a run have been evaluated once. */
async function begun(cwd: string, name: string, ...seeds: number[]): Promise<void> {
  const journals = () => seeds.map((seed) => journalOf(join(cwd, "out", name, `seed-${seed}`)));
  while (journals().some(({ length }) => length < 2)) await wait(5);
}

describe("everlearn bench", () => {
  it("writes what `everlearn run` writes, and shows the same table", async () => {
    const cwd = withSuite([online, er]);
    const benched = await bench(cwd);
    expect(benched).toMatchObject({ status: 0, stderr: "" });
    const ran = await everlearn(["run", "suite.json", "--out", "run"], { cwd });
    for (const { name } of [online, er])
      for (const seed of ["seed-0", "seed-1"]) {
        const [a, b] = [join(cwd, "out", name, seed), join(cwd, "run", name, seed)];
        expect(readdirSync(a).toSorted()).toEqual(readdirSync(b).toSorted());
        const { seconds: _, journal: __, seal: ___, usage: ____, ...result } = resultOf(b);
        expect(resultOf(a)).toMatchObject(result);
        expect(timeless(journalOf(a))).toEqual(timeless(journalOf(b)));
        expect(readFileSync(join(a, "accuracy.svg"))).toEqual(readFileSync(join(b, "accuracy.svg")));
        const { digest } = resultOf(a);
        expect(benched.stdout).toContain(`digest ${digest?.slice(0, 12)}\n`);
      }
    const table = (stdout: string) => stdout.slice(stdout.lastIndexOf("\n\n", stdout.indexOf("RA retained") - 3));
    expect(table(benched.stdout).replace("Results: out", "")).toBe(table(ran.stdout).replace("Results: run", ""));
    expect(benched.stdout).toMatch(/^Results: out$/m);

    const again = await bench(cwd);
    expect(again).toMatchObject({ status: 0, stderr: "" });
    expect(again.stdout).toMatch(/^4 of 4 cells had already ended\.\n/);
  });

  it("draws a picture of R for each cell, those included that ended just before the command was killed", async () => {
    const tuning = { protocol: "search", trials: 1, seeds: [9], space: { online: { "learner/alpha": [0.05] } } };
    const wild = { name: "wild", learner: { use: "online", alpha: 1e30 } };
    const cwd = withSuite([online, wild], { seeds: [0, 1], protocol: { tuning } });
    await bench(cwd);
    const cells = readdirSync(join(cwd, "out"), { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith("result.json"))
      .map((path) => join(cwd, "out", path.slice(0, -"result.json".length)));
    expect(cells).toHaveLength(5);
    const isFinished = (cell: string) => resultOf(cell).status === "finished";
    expect(cells.filter((cell) => existsSync(join(cell, "accuracy.svg")))).toEqual(cells.filter(isFinished));
    expect(cells.filter(isFinished)).toHaveLength(3);

    const pictures = cells.filter(isFinished).map((cell) => join(cell, "accuracy.svg"));
    const [first, ...gone] = pictures;
    const drawn = pictures.map((path) => readFileSync(path, "utf8"));
    for (const path of gone) rmSync(path);
    const kept = statSync(first).mtimeMs;
    expect((await bench(cwd)).stdout).toMatch(/^5 of 5 cells had already ended\.\n/);
    expect(pictures.map((path) => readFileSync(path, "utf8"))).toEqual(drawn);
    expect(statSync(first).mtimeMs).toBe(kept);
  });

  it("runs the seeds and the runs that one asks for, of several suites", async () => {
    const cwd = withSuite([online, er]);
    writeFileSync(join(cwd, "more.json"), JSON.stringify({ ...small, name: "more" }));
    const asked = ["--only", "er", "more", "--seeds", "5-7"];
    expect(await bench(cwd, "more.json", ...asked)).toMatchObject({ status: 0, stderr: "" });
    expect(readdirSync(join(cwd, "out")).toSorted()).toEqual(["er", "more"]);
    for (const name of ["er", "more"])
      expect(readdirSync(join(cwd, "out", name)).toSorted()).toEqual(["seed-5", "seed-6", "seed-7"]);
    const more = await bench(cwd, "--only", "er", "--seeds", "5,7-8", "--resume");
    expect(more.stdout).toMatch(/^2 of 3 cells had already ended\.$/m);
    expect(readdirSync(join(cwd, "out/er")).toSorted()).toEqual(["seed-5", "seed-6", "seed-7", "seed-8"]);
  });

  it("tells how each cell ended that is not finished, and has a status of its own for that", async () => {
    const plugin = `export default { contract: 2, kind: "learner", name: "odd", description: "Odd.", options: {}, create: () => ({
      observe() { console.log("About to go."); process.exit(9); }, predict: (q) => new Uint16Array(q.length), save: () => null, load() {} }) };`;
    const wild = { name: "wild", learner: { use: "online", alpha: 1e30 } };
    const cwd = withSuite([{ name: "odd", learner: { use: "./odd.mjs" }, network: null }, wild, online], {
      seeds: [4],
    });
    writeFileSync(join(cwd, "odd.mjs"), plugin);
    const { status, stdout, stderr } = await bench(cwd);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^✓ online seed 4: RA /m);
    expect(stdout).toMatch(/^✗ odd seed 4: crashed$/m);
    expect(stdout).toMatch(/^online +1 /m);
    expect(stdout).toMatch(/^wild +1 +10\.0% /m); // chance
    expect(stderr).toMatch(/^odd: About to go\.$/m);
    expect(stderr.slice(stderr.indexOf("everlearn:"))).toMatch(
      /^everlearn: 2 of 3 cells did not finish:\n {2}odd seed 4: crashed\. Its process ended with exit status 9\.\n {2}wild seed 4: diverged\. .+\nThe same command retries those that have no result\.\n$/,
    );
    expect(stderr).not.toMatch(/^ +at /m);
  });

  it("tells all mistakes before anything starts", async () => {
    const cwd = withSuite([
      er,
      { ...online, learner: { use: "online", alpha: 0 } },
      { name: "x", learner: { use: "xer" } },
    ]);
    const { status, stdout, stderr } = await bench(cwd);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr.trimEnd().split("\n")).toEqual([
      "everlearn: suite.json: /runs/1/learner/alpha must be > 0, but is 0.",
      expect.stringMatching(/^suite\.json: \/runs\/2\/learner\/use: There is no learner "xer"/),
    ]);
    expect(existsSync(join(cwd, "out"))).toBe(false);
    for (const jobs of ["0", "-1", "1.5", "many"])
      expect(checkComplaint(await everlearn([...command, "--jobs", jobs], { cwd }))).toContain(
        "It must be an integer ≥ 1",
      );
  });

  it("shows what was tried and what was chosen", async () => {
    const tuning = { protocol: "search", trials: 2, seeds: [9], space: { online: { "learner/alpha": [1e-7, 0.05] } } };
    const cwd = withSuite([online], { protocol: { tuning } });
    const { status, stdout } = await bench(cwd);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^✓ online seed 9: .+ \(trial: learner\/alpha = 1e-7\)$/m);
    expect(stdout).toMatch(/^online +2 /m); // trials are not in the table
    expect(resultOf(join(cwd, "out/online/seed-0")).spec.learner.alpha).toBe(0.05);
  });
});

describe("a suite that takes seconds", () => {
  it.each(["SIGINT", "SIGTERM"] as const)(
    "stops on %s at checkpoints, and goes on with the same command",
    async (signal) => {
      const cwd = withSuite([slow], { seeds: [0, 1, 2] });
      const { child, ended } = start(command, { cwd });
      await begun(cwd, "slow", 0, 1);
      const workers = childrenOf(child.pid ?? 0);
      if (signal === "SIGINT") for (const worker of workers) process.kill(worker, signal); // as a terminal does
      child.kill(signal);
      const { status, stdout, stderr } = unwatched(await ended);
      expect({ status, stderr }).toEqual({
        status: 130,
        stderr: "everlearn: Stopped; nothing is lost. Continue with the same command (results so far: out).\n",
      });
      expect(stdout).not.toContain("✗");
      expect(workers.filter(isAlive)).toEqual([]);
      const seeds = readdirSync(join(cwd, "out/slow")).map((seed) => join(cwd, "out/slow", seed));
      const files = seeds.map((seed) => readdirSync(seed)).flat();
      expect(files.filter((file) => /^(?:lock~|status)/.test(file))).toEqual([]);
      expect(files).toContain("checkpoint.bin");
      expect(await bench(cwd)).toMatchObject({ status: 0, stderr: "" });
      const other = withSuite([slow], { seeds: [0, 1, 2] });
      await everlearn(["run", "suite.json", "--out", "out"], { cwd: other });
      for (const seed of [0, 1, 2]) {
        const place = `out/slow/seed-${seed}`;
        expect(resultOf(join(cwd, place)).digest).toBe(resultOf(join(other, place)).digest);
        expect(timeless(journalOf(join(cwd, place)))).toEqual(timeless(journalOf(join(other, place))));
      }
    },
  );

  it("keeps others out of its cells and no others, and ends with its parent, even in an endless loop", async () => {
    const plugin = `export default { contract: 2, kind: "learner", name: "loop", description: "Endless.", options: {}, create: () => ({
      observe() { for (;;); }, predict: (q) => new Uint16Array(q.length), save: () => null, load() {} }) };`;
    const cwd = withSuite([{ name: "loop", learner: { use: "./loop.mjs" }, network: null }, online]);
    writeFileSync(join(cwd, "loop.mjs"), plugin);
    const { child, ended } = start([...command, "--only", "loop"], { cwd });
    await begun(cwd, "loop", 0, 1);
    const workers = childrenOf(child.pid ?? 0);
    expect(workers.length).toBeGreaterThanOrEqual(2);
    expect(await bench(cwd, "--only", "online")).toMatchObject({ status: 0, stderr: "" });
    const other = start(command, { cwd });
    let said = "";
    other.child.stderr?.on("data", (text: string) => (said += text));
    const waits = /^loop: "out\/loop\/seed-[01]" is in use by process \d+: wait until it has ended/m;
    while (!waits.test(said)) await wait(50);
    other.child.kill("SIGINT");
    expect(await other.ended).toMatchObject({ status: 130 });
    const run = await everlearn(["run", "suite.json", "--out", "out", "--only", "loop", "--resume"], { cwd });
    expect(checkComplaint(run)).toMatch(/^"out\/loop\/seed-0" is in use by process \d+: wait until it has ended/);

    child.kill("SIGKILL");
    await ended;
    for (let i = 0; i < 2000 && workers.some(isAlive); i++) await wait(5);
    expect(workers.filter(isAlive)).toEqual([]);
    expect(await bench(cwd, "--only", "online")).toMatchObject({ status: 0, stderr: "" });
    expect(readdirSync(join(cwd, "out")).toSorted()).toEqual(["loop", "online"]);
  });
});

describe("the board", () => {
  const progress = { name: "er", seed: 3, phase: "training", experience: 1, experiences: 4, unit: "task" } as const;
  const at = { ...progress, examples: 500, total: 1000, examplesPerSecond: 50, seconds: 10, accuracy: 0.5 };
  const running = (secondsLeft: number | null, examples = 500) => ({
    ...{ name: "er", seed: 3 },
    progress: { ...at, examples, secondsLeft } as Progress,
  });
  const overview: Overview = {
    ...{ planned: 2, runs: 2, cells: 30, ended: 12, unfinished: 1, checked: null, secondsLeft: 75 },
    running: [
      running(10),
      { name: "mer", seed: 0, progress: null },
      { ...running(null, 0), trial: { "learner/k": 2 } },
    ],
  };

  it("has a line for each running cell, and one for all", () => {
    expect(boardLines(overview, 20)).toEqual([
      "████████░░░░░░░░ er seed 3 · task 2/4 · 500/1,000 examples · 50 examples/s · accuracy so far 50.0% · 10 s left",
      "░░░░░░░░░░░░░░░░ mer seed 0 · starting",
      "░░░░░░░░░░░░░░░░ trial of er seed 3 · task 2/4 · 0/1,000 examples · 50 examples/s · accuracy so far 50.0%",
      "12 of 30 cells ended · 1 of them unfinished · 3 running · 1 min 15 s left",
    ]);
    expect(summaryLine({ ...overview, cells: 0, planned: 1 })).toBe("1 of 2 runs planned");
    const canary = { ...running(null), canary: true } as const;
    const checking = { ...overview, ended: 30, secondsLeft: null, running: [canary], checked: { ended: 1, of: 2 } };
    expect(boardLines(checking, 20)).toEqual([
      "████████░░░░░░░░ canary of er seed 3 · task 2/4 · 500/1,000 examples · 50 examples/s · accuracy so far 50.0%",
      "30 of 30 cells ended · 1 of them unfinished · honesty of 1 of 2 runs checked · 1 running",
    ]);
  });

  it("leaves out what there is no room for", () => {
    const many = { ...overview, running: Array.from({ length: 40 }, () => running(10)) };
    for (const rows of [1, 2, 3, 10, 41, 60]) {
      const lines = boardLines(many, rows);
      expect(lines.length).toBeLessThanOrEqual(rows);
      expect(lines.at(-1)).toContain("40 running");
      if (rows > 1 && rows < 41) expect(lines.at(-2)).toBe(`… and ${42 - rows} more`);
    }
  });

  it("draws over what it drew, and takes it away", () => {
    const written: string[] = [];
    const terminal = { isTTY: true, rows: 10, columns: 30, write: (text: string) => written.push(text) };
    const board = createBoard(terminal as unknown as NodeJS.WriteStream);
    board.clear();
    board.show(() => overview);
    board.show(() => expect.unreachable()); // too soon
    board.clear();
    board.show(() => ({ ...overview, running: [] }));
    board.clear();
    const plain = written.map((text) => text.replaceAll("\u001b[36m", "").replaceAll("\u001b[39m", ""));
    const lines = ["████████░░░░░░░░ er seed 3 · ", "░░░░░░░░░░░░░░░░ mer seed 0 ·", "░░░░░░░░░░░░░░░░ trial of er "];
    const all = "12 of 30 cells ended · 1 of t";
    expect(plain).toEqual(["", [...lines, all].join("\n"), "\r\u001b[3A\u001b[J", all, "\r\u001b[J"]);
  });
});
