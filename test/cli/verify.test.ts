import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { digest } from "@everlearn/digest";
import { type Result, sealOf } from "@everlearn/records";
import { describe, expect, it } from "vitest";
import { copies, everlearn, folder, resultOf, small, start, withSpec } from "./everlearn.js";

const shared = { ...small, seeds: [0, 1] };
const suite = {
  ...shared,
  runs: [{ name: "er" }, { name: "online", learner: { use: "online", alpha: 0.1 }, buffer: null }],
};

const vouched =
  "in the spec and plugins that ran, accuracies, answers, parameters (by the digest), metrics, task labels, counts of examples, gradients and bytes; not vouched for: name, label, description, settings, suite, track, tuning source, trials, seconds, usage, environment, commit, and what receipts leave out";

async function makeResults(cwd: string): Promise<void> {
  const { name: _, ...rest } = suite;
  writeFileSync(join(cwd, "suite.json"), JSON.stringify(rest));
  const { status, stderr } = await everlearn(["run", "suite.json", "--out", "out"], { cwd });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
}

/** A folder of its own with the suite's results. */
const withResults = copies(makeResults);

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
    const inOrder = ["er seed 0", "er seed 1", "online seed 0", "online seed 1"].map((one) => `✓ ${one}: reproduced`);
    const [said, ...lines_] = stdout.trimEnd().split("\n");
    expect(said).toBe("Each in a process of its own, in another order than the receipts' (drawn with seed 0).");
    expect(lines_.toSorted()).toEqual(inOrder);
    expect(lines_).not.toEqual(inOrder);
    expect(stderr).toMatch(/out\/er\/seed-0\/result\.json is the same cell as packed\/er\.jsonl:1/);
    expect(stderr.trimEnd().split("\n").at(-1)).toBe(
      `everlearn: All 4 receipts were reproduced, bit for bit, ${vouched}; 2 others were rejected.`,
    );
    expect(status).toBe(1);
    const again = await everlearn(["verify", "packed"], { cwd });
    expect(again.stdout.split("\n").at(-2)).toBe(`All 4 receipts were reproduced, bit for bit, ${vouched}.`);
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
    expect(same.stdout.split("\n").slice(1).toSorted()).toEqual([
      "",
      `All 4 receipts were reproduced, bit for bit, 2 of them under another identity, ${vouched}.`,
      `✓ er seed 0: the same bits, under another identity (${versions})`,
      `✓ er seed 1: the same bits, under another identity (${versions})`,
      ...["✓ online seed 0: reproduced", "✓ online seed 1: reproduced"],
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
    const refused = await everlearn(["verify", elsewhere], { cwd });
    expect(refused.status).toBe(1);
    expect(refused.stdout).toContain("which is of no installed package; nothing of it was run.");
    expect(await everlearn(["verify", elsewhere, "--allow", "./slow.mjs"], { cwd })).toMatchObject({ status: 0 });

    const { child, ended } = start(["verify", elsewhere, "--allow", "./slow.mjs"], { cwd, env: { WAIT: "100" } });
    child.stderr?.once("data", () => child.kill("SIGINT")); // its progress: it is in the midst of a run
    const { status, stderr } = await ended;
    expect(status).toBe(130);
    expect(stderr).toMatch(/^everlearn: Stopped; only the receipts above were verified\.\n$/m);
  });
});

describe.concurrent("everlearn verify, of strangers' receipts,", () => {
  /** A learner that leaves a trace wherever it is loaded. */
  const evil = (name: string, cwd: string) => `
    import { writeFileSync } from "node:fs";
    writeFileSync(${JSON.stringify(join(cwd, "ran"))}, "x");
    export default { contract: 2, kind: "learner", name: "${name}", description: "Evil.", options: {}, needs: ["network"],
      create: (_, { network }) => ({ observe() {}, predict: (queries) => network.predict(queries), save: () => null, load() {} }) };`;

  /** The first receipt of ER, said to be of another learner. */
  async function forged(change: (result: Result) => object): Promise<string> {
    const cwd = await withResults();
    const { seal: _, ...result } = resultOf(join(cwd, "out/er/seed-0"));
    const copy = { ...result, ...change(result as Result) } as Omit<Result, "seal">;
    const lie = { ...copy, cellId: digest({ specId: copy.specId, seed: copy.seed }) };
    mkdirSync(join(cwd, "stranger"));
    writeFileSync(join(cwd, "stranger/result.json"), JSON.stringify({ ...lie, seal: sealOf(lie) }));
    return cwd;
  }
  const learner = (use: string) =>
    forged(({ spec }) => ({ plugins: {}, spec: { ...spec, learner: { use }, buffer: undefined } }));
  const packed = (cwd: string, folder: string, name: string, packageName: string) => {
    const directory = join(cwd, folder, "node_modules", packageName);
    mkdirSync(directory, { recursive: true });
    const manifest = {
      name: packageName,
      version: "0.1.0",
      type: "module",
      exports: "./index.js",
      everlearn: { kind: "learner", name },
    };
    writeFileSync(join(directory, "package.json"), JSON.stringify(manifest));
    writeFileSync(join(directory, "index.js"), evil(name, cwd));
  };

  it.each(["./evil.mjs", "./stranger/evil.mjs", "../evil.mjs"])(
    "runs no code that the receipt names by %s",
    async (use) => {
      const cwd = await learner(use);
      for (const path of ["evil.mjs", "stranger/evil.mjs"]) writeFileSync(join(cwd, path), evil("evil", cwd));
      const { status, stdout } = await everlearn(["verify", "stranger"], { cwd });
      expect(status).toBe(1);
      expect(stdout).toMatch(
        /names code by its path, .*evil\.mjs, which is of no installed package; nothing of it was run/,
      );
      expect(existsSync(join(cwd, "ran"))).toBe(false);
    },
  );

  it("runs no code that the receipt names by an absolute path, unless it is allowed", async () => {
    const elsewhere = join(folder(), "evil.mjs");
    const cwd = await learner(elsewhere);
    writeFileSync(elsewhere, evil("evil", cwd));
    expect((await everlearn(["verify", "stranger"], { cwd })).stdout).toContain("nothing of it was run");
    expect(existsSync(join(cwd, "ran"))).toBe(false);
    await everlearn(["verify", "stranger", "--allow", elsewhere], { cwd });
    expect(existsSync(join(cwd, "ran"))).toBe(true);
  });

  it("runs no package that lies beside the receipt, not even from within its folder, unless it is allowed", async () => {
    const cwd = await learner("evil");
    packed(cwd, "stranger", "evil", "everlearn-learner-evil");
    packed(cwd, "stranger", "er", "@everlearn/learner-er");
    const outside = await everlearn(["verify", "stranger"], { cwd });
    const inside = await everlearn(["verify", "."], { cwd: join(cwd, "stranger") });
    for (const { status, stdout } of [outside, inside]) {
      expect(status).toBe(1);
      expect(stdout).toContain('The package "everlearn-learner-evil" lies beside the receipts');
    }
    expect(existsSync(join(cwd, "ran"))).toBe(false);
    await everlearn(["verify", "stranger", "--allow", "everlearn-learner-evil"], { cwd });
    expect(existsSync(join(cwd, "ran"))).toBe(true);
  });

  it("compares packages before any code runs", async () => {
    const cwd = await learner("evil");
    packed(cwd, ".", "evil", "everlearn-learner-evil");
    const path = join(cwd, "stranger/result.json");
    const { seal: _, ...result } = JSON.parse(readFileSync(path, "utf8")) as Result;
    const other = { ...result, plugins: { learner: { name: "evil", package: "another", version: "0.1.0" } } };
    writeFileSync(path, JSON.stringify({ ...other, seal: sealOf(other) }));
    const { stdout } = await everlearn(["verify", "stranger"], { cwd });
    expect(stdout).toContain(
      "plugins/learner/package was another, here it is everlearn-learner-evil: install that one.",
    );
    expect(existsSync(join(cwd, "ran"))).toBe(false);
  });

  it("says which metrics a receipt leaves out", async () => {
    const cwd = await forged(({ metrics: { retainedAccuracy }, digest }) => ({
      metrics: { retainedAccuracy },
      digest,
    }));
    const { stdout } = await everlearn(["verify", "stranger"], { cwd });
    expect(stdout).toMatch(
      /✓ er seed 0: reproduced in everything that it states; it leaves out .*metrics\/learningAccuracy/,
    );
  });

  it("goes on where one crashes or hangs", async () => {
    const cwd = withSpec({ learner: { use: "./odd.mjs" }, buffer: null, seeds: [0, 1, 2] });
    writeFileSync(
      join(cwd, "odd.mjs"),
      `export default {
        contract: 2, kind: "learner", name: "odd", description: "Odd.", options: {}, needs: ["network"],
        create: (_, { network, random }) => ({
          observe() { if (process.env.ODD === "hang") for (;;); if (process.env.ODD) { if (globalThis.before) process.exit(3); globalThis.before = true; } },
          predict: (queries) => network.predict(queries), save: () => null, load() {},
        }),
      };`,
    );
    expect((await everlearn(["run", "spec.json", "--out", "out"], { cwd })).status).toBe(0);
    const { status, stdout } = await everlearn(["verify", "out", "--allow", "./odd.mjs"], { cwd, env: { ODD: "1" } });
    expect(status).toBe(1);
    expect(stdout.match(/It could not be run again: /g)).toHaveLength(3);
    const hanging = ["verify", "out", "--allow", "./odd.mjs", "--patience", "3", "--sample", "2"];
    const hung = await everlearn(hanging, { cwd, env: { ODD: "hang" } });
    expect(hung.stdout.match(/It could not be run again: It gave no sign of life for 3 s/g)).toHaveLength(2);
  });
});

it("A cell's identity follows from its spec and seed alone", async () => {
  const { specId, seed, cellId } = resultOf(join(await withResults(), "out/er/seed-1"));
  expect(cellId).toBe(digest({ specId, seed }));
});
