import { copyFileSync, cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { digest } from "@everlearn/digest";
import { type Result, sealOf } from "@everlearn/records";
import { describe, expect, it } from "vitest";
import { everlearn, folder, resultOf, small, start, withSpec } from "./everlearn.js";

const shared = { ...small, seeds: [0, 1] };
const suite = {
  ...shared,
  runs: [{ name: "er" }, { name: "online", learner: { use: "online", alpha: 0.1 }, buffer: null }],
};

let made: Promise<string> | undefined;

/** A folder of its own with the suite's results, which are made once. */
async function withResults(): Promise<string> {
  made ??= makeResults();
  const cwd = folder();
  cpSync(await made, cwd, { recursive: true });
  return cwd;
}

async function makeResults(): Promise<string> {
  const cwd = folder();
  const { name: _, ...rest } = suite;
  writeFileSync(join(cwd, "suite.json"), JSON.stringify(rest));
  const { status, stderr } = await everlearn(["run", "suite.json", "--out", "out"], { cwd });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return cwd;
}

describe.concurrent("everlearn verify and receipts", () => {
  it("pack what runs left behind, and run it again", async () => {
    const cwd = await withResults();
    const packed = await everlearn(["receipts", "out", "--out", "packed"], { cwd });
    expect(packed).toMatchObject({ status: 0, stderr: "", stdout: "4 receipts of 2 runs in packed\n" });
    expect(readdirSync(join(cwd, "packed")).toSorted()).toEqual(["er.jsonl", "online.jsonl"]);
    const lines = readFileSync(join(cwd, "packed/er.jsonl"), "utf8").trimEnd().split("\n");
    const seeds = lines.map((line) => (JSON.parse(line) as { seed: number }).seed);
    expect(seeds).toEqual([0, 1]);

    const { status, stdout, stderr } = await everlearn(["verify", "packed", "out/er"], { cwd });
    expect(stdout.split("\n")).toEqual([
      ...["✓ er seed 0: reproduced", "✓ er seed 1: reproduced"],
      ...["✓ online seed 0: reproduced", "✓ online seed 1: reproduced", ""],
    ]);
    expect(stderr).toMatch(/out\/er\/seed-0\/result\.json is the same cell as packed\/er\.jsonl:1/);
    expect(stderr.trimEnd().split("\n").at(-1)).toBe(
      "everlearn: All 4 receipts were reproduced, bit for bit; 2 others were rejected.",
    );
    expect(status).toBe(1);
    expect((await everlearn(["verify", "packed"], { cwd })).stdout).toMatch(
      /\nAll 4 receipts were reproduced, bit for bit\.\n$/,
    );
  });

  it("say which field of which receipt cannot be reproduced", async () => {
    const cwd = await withResults();
    const path = join(cwd, "out/er/seed-1/result.json");
    const { seal: _, ...result } = resultOf(join(cwd, "out/er/seed-1"));
    const lie = { ...result, metrics: { ...result.metrics, retainedAccuracy: 0.9 } };
    writeFileSync(path, JSON.stringify({ ...lie, seal: sealOf(lie) }));
    const { status, stdout, stderr } = await everlearn(["verify", "out"], { cwd });
    expect(status).toBe(1);
    expect(stdout).toMatch(
      /^✗ er seed 1 \(out\/er\/seed-1\/result\.json\)\n {2}metrics\/retainedAccuracy was 0\.9, run again it is 0\./m,
    );
    expect(stdout.match(/✓/g)).toHaveLength(3);
    expect(stderr).toMatch(/^everlearn: 1 of 4 receipts could not be reproduced\.\n$/m); // progress may come before
  });

  it("say where plugins had other versions, and compare the bits all the same", async () => {
    const cwd = await withResults();
    /** Writes what a run with an earlier version of a plugin would have left. */
    function age(directory: string, place: string, change: Partial<Result> = {}) {
      const { seal: _, ...result } = { ...resultOf(join(cwd, directory)), ...change };
      const plugins = { ...result.plugins, [place]: { ...result.plugins[place], version: "0.0.1" } };
      const specId = digest(plugins);
      const old = { ...result, plugins, specId, cellId: digest({ specId, seed: result.seed }) };
      writeFileSync(join(cwd, directory, "result.json"), JSON.stringify({ ...old, seal: sealOf(old) }));
      return result.plugins[place].version;
    }
    const version = age("out/er/seed-0", "learner");
    age("out/er/seed-1", "learner");
    const same = await everlearn(["verify", "out"], { cwd });
    const versions = `plugins/learner/version was 0.0.1, here it is ${version}`;
    expect(same.stdout.split("\n")).toEqual([
      `✓ er seed 0: the same bits, under another identity (${versions})`,
      `✓ er seed 1: the same bits, under another identity (${versions})`,
      ...["✓ online seed 0: reproduced", "✓ online seed 1: reproduced"],
      ...["All 4 receipts were reproduced, bit for bit, 2 of them under another identity.", ""],
    ]);
    expect(same.status).toBe(0);

    age("out/er/seed-1", "network", { digest: "0".repeat(64) });
    const { status, stdout, stderr } = await everlearn(["verify", "out/er/seed-1"], { cwd });
    expect(status).toBe(1);
    expect(stdout).toMatch(
      /^✗ er seed 1 \(out\/er\/seed-1\/result\.json\)\n {2}plugins\/network\/version was 0\.0\.1, .*\n {2}plugins\/learner\/version was 0\.0\.1, .*\n {2}digest was "0{64}", run again it is "[0-9a-f]{64}"\.\n$/,
    );
    expect(stderr).toMatch(/^everlearn: 1 of 1 receipts could not be reproduced\.\n$/m);
  });

  it("draw a sample, the same one for a seed", async () => {
    const cwd = await withResults();
    const drawn = async (...args: string[]) =>
      (await everlearn(["verify", "out", "--sample", "2", ...args], { cwd })).stdout;
    const first = await drawn();
    expect(first.match(/✓/g)).toHaveLength(2);
    expect(first).toMatch(/2 of 4 receipts were reproduced, bit for bit/);
    expect(await drawn("--seed", "0")).toBe(first);
    const others = await Promise.all([1, 2, 3].map((seed) => drawn("--seed", `${seed}`)));
    expect(new Set(others).size).toBeGreaterThan(1);
  });

  it("say what there is to say of folders without receipts, and of bad arguments", async () => {
    const cwd = folder();
    for (const [args, sentence] of [
      [["verify", "."], "There are no receipts in ."],
      [["receipts", ".", "--out", "x"], "There are no receipts in ."],
      [["verify", ".", "--sample", "0"], "option '--sample <n>' argument '0' is invalid. It must be an integer ≥ 1"],
    ] as const) {
      const { status, stderr } = await everlearn(args, { cwd });
      expect(status).toBe(1);
      expect(stderr).toMatch(new RegExp(`^everlearn: ${sentence.replaceAll(/[.()'<>]/g, "\\$&")}`));
      expect(stderr).not.toContain("    at ");
    }
    expect(existsSync(join(cwd, "x"))).toBe(false);
  });

  it("find plugins by path from where they are called, and stop when they are told", async () => {
    const cwd = withSpec({ learner: { use: "./slow.mjs" }, buffer: null });
    writeFileSync(
      join(cwd, "slow.mjs"),
      `export default {
        contract: 2, kind: "learner", name: "slow", description: "Waits.", options: {}, needs: ["network"],
        create: (_, { network }) => ({
          observe() { const end = Date.now() + Number(process.env.WAIT ?? 0); while (Date.now() < end); },
          predict: (queries) => network.predict(queries), save: () => null, load() {},
        }),
      };`,
    );
    expect((await everlearn(["run", "spec.json", "--out", "out"], { cwd })).status).toBe(0);
    const elsewhere = join(folder(), "result.json");
    copyFileSync(join(cwd, "out/small/seed-0/result.json"), elsewhere);
    expect(await everlearn(["verify", elsewhere], { cwd })).toMatchObject({ status: 0 });

    const { child, ended } = start(["verify", elsewhere], { cwd, env: { WAIT: "100" } });
    child.stderr?.once("data", () => child.kill("SIGINT")); // its progress: it is in the midst of a run
    const { status, stderr } = await ended;
    expect(status).toBe(130);
    expect(stderr).toMatch(/^everlearn: Stopped; only the receipts above were verified\.\n$/m);
  });
});

it("A cell's identity follows from its spec and seed alone", async () => {
  const { specId, seed, cellId } = resultOf(join(await withResults(), "out/er/seed-1"));
  expect(cellId).toBe(digest({ specId, seed }));
});
