import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { digest } from "@everlearn/digest";
import { createSite, csv, latex, markdown } from "@everlearn/leaderboard";
import { type Receipt, sealOf } from "@everlearn/records";
import { describe, expect, it } from "vitest";
import { everlearn, folder } from "./everlearn.js";

/** A receipt as a run would seal it. */
function receipt(run: number, seed: number): Receipt {
  const specId = run.toString(16).padStart(64, "a");
  const ra = 0.5 + (run % 17) / 100 + seed / 1000;
  const made = {
    ...{ name: `run-${run}`, seed, specId, cellId: digest({ specId, seed }), status: "finished" as const, chance: 0.1 },
    spec: {
      ...{ name: `run-${run}`, label: `learner ${run}`, settings: [`setting-${run % 40}`] },
      ...{ dataset: { use: "glyphs" }, stream: { use: "rotated" }, scenario: { use: "domain-il" } },
      learner: { use: "online" },
    },
    accuracy: [
      [0.6, 0.1],
      [ra, ra],
    ],
    initial: [0.1, 0.1],
    metrics: { retainedAccuracy: ra, learningAccuracy: 0.6 },
    ...{ examples: 20, gradients: 20, bytes: 100, seconds: 1, digest: specId, environment: { node: "v20" } },
  };
  return { ...made, seal: sealOf(made) };
}

/** A folder `results` with a packed file for each run. */
function withReceipts(runs: number, seeds = 1): { cwd: string; receipts: Receipt[] } {
  const cwd = folder();
  mkdirSync(join(cwd, "results"));
  const receipts = Array.from({ length: runs }, (_, run) => Array.from({ length: seeds }, (_, s) => receipt(run, s)));
  for (const mine of receipts) {
    const lines = mine.map((one) => `${JSON.stringify(one)}\n`);
    writeFileSync(join(cwd, "results", `${mine[0].name}.jsonl`), lines.join(""));
  }
  return { cwd, receipts: receipts.flat() };
}

/** All files of a folder, by path. */
function filesIn(directory: string): Record<string, string> {
  const paths = (readdirSync(directory, { recursive: true }) as string[]).map((path) => path.replaceAll("\\", "/"));
  const files = paths.filter((path) => statSync(join(directory, path)).isFile());
  return Object.fromEntries(files.map((path) => [path, readFileSync(join(directory, path), "utf8")]));
}

const make = (cwd: string) => everlearn(["leaderboard", "results", "--out", "board", "--title", "Ours"], { cwd });

describe("everlearn leaderboard", () => {
  it.each([
    ["few runs", 3, 10],
    ["so many runs that threads draw them", 1003, 1],
  ])("writes the site and the tables of %s", async (_, runs, seeds) => {
    const { cwd, receipts } = withReceipts(runs, seeds);
    expect(await make(cwd)).toMatchObject({
      status: 0,
      stderr: "",
      stdout: `${runs * seeds} receipts: open ${join("board", "index.html")}; the tables are beside it.\n`,
    });
    const place = ({ name }: Receipt) => `../results/${name}.jsonl`;
    const site = createSite({ title: "Ours", receipt: place });
    for (const one of receipts) site.add(one);
    const [expected, suites] = [[...site.files()], site.suites()];
    const tables = { "tables.md": markdown(suites), "tables.csv": csv(suites), "tables.tex": latex(suites) };
    const written = filesIn(join(cwd, "board"));
    expect(Object.keys(written).toSorted()).toEqual(
      [...expected.map(({ path }) => path), ...Object.keys(tables)].toSorted(),
    );
    for (const { path, content } of expected) expect(written[path] === content, path).toBe(true);
    expect(written).toMatchObject(tables);
  });

  it("names what cannot be believed, with its file and line, and shows the rest", async () => {
    const { cwd, receipts } = withReceipts(3, 2);
    const path = (run: number) => join("results", `run-${run}.jsonl`);
    const lines = receipts.map((one) => JSON.stringify(one));
    const { seal: _, ...bare } = receipts[3];
    const liar = { ...bare, digest: "0".repeat(64) };
    writeFileSync(
      join(cwd, path(1)),
      `${lines[2]}\n${lines[2].replace('"retainedAccuracy":0.51', '"retainedAccuracy":0.99')}\n${lines[3]}`,
    );
    writeFileSync(join(cwd, path(2)), `${lines[4].slice(0, 99)}\n${lines[5]}\n${lines[5]}\n`);
    writeFileSync(join(cwd, "results", "z.jsonl"), `${JSON.stringify({ ...liar, seal: sealOf(liar) })}\n`);
    const { status, stdout, stderr } = await make(cwd);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^6 receipts: open /);
    expect(stderr.trimEnd().split("\n")).toEqual([
      `everlearn: ${path(1)}:2 was changed after it was written: its seal does not match.`,
      expect.stringContaining(`everlearn: ${path(2)}:1 is damaged, or no receipt: `),
      `everlearn: ${path(2)}:3 is the same cell as ${path(2)}:2, and says the same; it is counted once.`,
      "everlearn: 3 receipts were rejected and left out.",
    ]);
    expect(Object.keys(filesIn(join(cwd, "board"))).filter((file) => file.startsWith("runs/"))).toEqual([
      "runs/run-0.html",
      // Of its seed 1 there are receipts from two places that contradict each other.
      "runs/run-1-2.html",
      "runs/run-1.html",
      "runs/run-2.html",
    ]);
  });

  it("says where it cannot write", async () => {
    for (const runs of [1, 1001]) {
      const { cwd } = withReceipts(runs);
      writeFileSync(join(cwd, "board"), "a file");
      const { status, stderr } = await make(cwd);
      expect({ status, stderr }).toEqual({
        status: 1,
        stderr: `everlearn: Cannot write "${join("board", "index.html")}": a file is in the way; choose another folder with --out.\n`,
      });
    }
    const { cwd } = withReceipts(1001);
    mkdirSync(join(cwd, "board"));
    writeFileSync(join(cwd, "board", "runs"), "in a thread's way");
    const { status, stderr } = await make(cwd);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^everlearn: Cannot write "board.runs.run-\d+\.html": .*; choose another folder with --out\.\n$/,
    );
  });
});
