import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { glyphs } from "@everlearn/dataset-glyphs";
import { sealOf } from "@everlearn/records";
import { describe, expect, it } from "vitest";
import { checkComplaint, copies, everlearn, folder, resultOf, start } from "./everlearn.js";

const dataset = { use: "glyphs", train: 600, test: 800 };
const shared = {
  dataset,
  stream: { use: "split", classesPerTask: 5, examplesPerTask: 250 },
  scenario: { use: "class-il" },
  network: { use: "mlp", hidden: [16] },
  seeds: [0, 1],
};
const er = { name: "er", learner: { use: "er", alpha: 0.1, k: 6 }, buffer: { use: "reservoir", capacity: 200 } };
const knows = { name: "knows", learner: { use: "./knows.mjs" } };

/** A learner that learns, and beside that knows the labels of the public data by heart. */
function knowing(): string {
  const { test } = glyphs({ train: dataset.train, test: dataset.test });
  const known = Object.fromEntries(
    Array.from({ length: test.length }, (_, i) => [Buffer.from(test.input(i)).toString("base64"), test.label(i)]),
  );
  return `const known = ${JSON.stringify(known)};
export default {
  kind: "learner", name: "knows", contract: 2, description: "Knows labels.", needs: ["network"], options: {},
  create: (_, { network }) => ({
    observe: (batch) => network.descend(batch, 0.05),
    predict(queries) {
      const own = network.predict(queries);
      return queries.map(({ x }, i) => known[Buffer.from(x).toString("base64")] ?? own[i]);
    },
    save: () => null,
    load() {},
  }),
};
`;
}

/** A learner that writes all that its process knows into a file. */
const spying = `import { writeHeapSnapshot } from "node:v8";
import { appendFileSync } from "node:fs";
let looked = false;
export default {
  kind: "learner", name: "spies", contract: 2, description: "Looks around.", needs: ["network"],
  options: { file: { type: "string", description: "Where it writes." } },
  create: ({ file }, { network }) => ({
    observe: (batch) => network.descend(batch, 0.05),
    predict(queries) {
      if (!looked) {
        looked = true;
        const snapshot = writeHeapSnapshot(file + process.pid + ".heapsnapshot");
        appendFileSync(snapshot, JSON.stringify([process.env, process.argv, process.execArgv, process.title]));
      }
      return network.predict(queries);
    },
    save: () => null,
    load() {},
  }),
};
`;

async function makeResults(cwd: string): Promise<void> {
  writeFileSync(join(cwd, "knows.mjs"), knowing());
  writeFileSync(join(cwd, "spies.mjs"), spying);
  writeFileSync(join(cwd, "suite.json"), JSON.stringify({ ...shared, runs: [er, knows] }));
  const { status, stderr } = await everlearn(["run", "suite.json", "--out", "out"], { cwd });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect((await everlearn(["secret", "new", "secret.json", "--train", "600", "--test", "800"], { cwd })).status).toBe(
    0,
  );
  expect((await everlearn(["key", "new", "me"], { cwd })).status).toBe(0);
}

/** A folder of its own with the suite's results, a secret and a key. */
const withResults = copies(makeResults);

interface Written {
  readonly dataset: { readonly key: string };
  readonly salt: string;
}
const secretOf = (cwd: string) => JSON.parse(readFileSync(join(cwd, "secret.json"), "utf8")) as Written;

/** The files of a folder that hold one of these texts. */
function filesWith(cwd: string, texts: readonly string[]): string[] {
  return readdirSync(cwd, { recursive: true, encoding: "utf8" })
    .filter((path) => statSync(join(cwd, path)).isFile())
    .filter((path) => {
      const content = readFileSync(join(cwd, path), "latin1");
      return texts.some((text) => content.includes(text));
    });
}

const secretly = ["--secret", "secret.json"];

describe.concurrent("everlearn audit", () => {
  it("tells who knows public labels from who learns, and signs what came out, which the leaderboard shows", async () => {
    const cwd = await withResults();
    const spec = { ...shared, seeds: [0], name: "er-again", learner: er.learner, buffer: er.buffer };
    writeFileSync(join(cwd, "submitted.json"), JSON.stringify(spec));
    const trusted = ["--allow", "./knows.mjs", "--reference", "out/er"];
    const args = ["audit", "out/knows", "submitted.json", ...secretly, ...trusted];
    const signed = ["--report", "report.json", "--key", "me"];
    const { status, stdout, stderr } = await everlearn([...args, "--rerun", ...signed], { cwd });
    expect(stdout).toMatch(/^[1-5]\/5 er seed 0: \d+\.\d% declared, \d+\.\d% run again, \d+\.\d% on secret data$/m);
    expect(stdout).toMatch(
      /^✗ knows \(falls, 2 seeds\): 100\.0% declared, 100\.0% run again, .* points more, of which/m,
    );
    expect(stdout).toMatch(
      /^[✓?] er-again \((?:holds|unclear), 1 seed\): \d+\.\d% run again, \d+\.\d% on secret data\./m,
    );
    expect({ status, stderr }).toEqual({ status: 1, stderr: "everlearn: 1 of 2 submissions fall on secret data.\n" });

    const { dataset: hidden, salt } = secretOf(cwd);
    expect(filesWith(cwd, [hidden.key, salt])).toEqual(["secret.json"]);
    const text = readFileSync(join(cwd, "report.json"), "utf8");
    expect(JSON.parse(text)).toMatchObject({
      report: {
        receipts: [{ outcome: "reproduced" }, {}, { outcome: "reproduced" }, {}],
        audit: { submissions: [{ name: "er", reference: true }, { name: "er-again" }, { judgement: "falls" }] },
      },
    });
    const revealed = await everlearn(["secret", "reveal", "secret.json", "report.json"], { cwd });
    expect(revealed.stdout).toMatch(/^report\.json: made with this secret, signed by [0-9a-f]{16}$/m);

    const board = ["leaderboard", "out", "--out", "board", "--report", "report.json", "--trust", "me.pub"];
    expect((await everlearn(board, { cwd })).status).toBe(0);
    const rows = readFileSync(join(cwd, "board/tables.csv"), "utf8").split("\r\n");
    expect(rows.find((row) => row.includes("knows"))).toMatch(/set apart.*failed: audit: \d+\.\d% on secret data/);
    writeFileSync(join(cwd, "report.json"), text.replace('"judgement": "falls"', '"judgement": "holds"'));
    expect((await everlearn(board, { cwd })).stderr).toContain("was changed after it was written; it is ignored");
  });

  it("keeps the secret out of the learner's process, and out of what its runs record", async () => {
    const cwd = await withResults();
    const spec = { ...shared, name: "spies", seeds: [0], learner: { use: "./spies.mjs", file: join(cwd, "looked-") } };
    writeFileSync(join(cwd, "spies.json"), JSON.stringify(spec));
    const { status, stdout } = await everlearn(["audit", "spies.json", ...secretly, "--allow", "./spies.mjs"], { cwd });
    expect(status).toBe(0);
    expect(stdout).toMatch(/no reference ran on the same data set/);
    const seen = readdirSync(cwd).filter((file) => file.endsWith(".heapsnapshot"));
    expect(seen).toHaveLength(2); // on its own data, and on the secret
    // What the process has been told of is found in this way.
    for (const file of seen) expect(filesWith(cwd, [join(cwd, "looked-")])).toContain(file);
    const { dataset: hidden, salt } = secretOf(cwd);
    const commitment = /commitment: ([0-9a-f]{64})/.exec(stdout)?.[1] ?? "";
    expect(filesWith(cwd, [hidden.key, salt])).toEqual(["secret.json"]);
    const told = filesWith(cwd, [commitment]);
    expect(told.some((file) => file.endsWith("result.json"))).toBe(true);
    expect(told.filter((file) => file.endsWith(".heapsnapshot"))).toEqual([]);
  });

  it("goes on where it was stopped", async () => {
    const cwd = await withResults();
    const large = { train: 60_000, test: 800 };
    const slow = { ...shared, ...er, name: "slow", stream: { use: "split", classesPerTask: 5 }, seeds: [0] };
    writeFileSync(join(cwd, "slow.json"), JSON.stringify({ ...slow, dataset: { ...dataset, ...large } }));
    const secret = secretOf(cwd);
    writeFileSync(join(cwd, "large.json"), JSON.stringify({ ...secret, dataset: { ...secret.dataset, ...large } }));
    const args = ["audit", "slow.json", "--secret", "large.json"];
    const { child, ended } = start(args, { cwd });
    const checkpoints = () =>
      existsSync(join(cwd, "audit")) &&
      readdirSync(join(cwd, "audit"), { recursive: true, encoding: "utf8" }).some((path) =>
        /secret.*journal\.jsonl$/.test(path),
      );
    while (!checkpoints() && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill("SIGINT");
    expect(await ended).toMatchObject({
      status: 130,
      stderr: "everlearn: Stopped; nothing is lost. The same command continues from there.\n",
    });
    const [journal] = readdirSync(join(cwd, "audit"), { recursive: true, encoding: "utf8" }).filter((path) =>
      /secret.*journal\.jsonl$/.test(path),
    );
    const before = readFileSync(join(cwd, "audit", journal), "utf8");
    const again = await everlearn(args, { cwd });
    expect(again).toMatchObject({ status: 0 });
    expect(readFileSync(join(cwd, "audit", journal), "utf8").startsWith(before)).toBe(true);
    const fresh = await everlearn([...args, "--out", "elsewhere"], { cwd });
    expect(fresh.stdout).toBe(again.stdout);
  });

  it("repeats nothing of a secret whose data cannot be loaded", async () => {
    const cwd = await withResults();
    const [salt, key] = ["5".repeat(64), "0123456789".repeat(4)];
    const refused: [object, RegExp][] = [
      [{ use: "images", path: "./held-out-of-sight" }, /found nothing at .*•••; "path" is/],
      [{ use: "glyphs", key: "swordfish" }, /key must have at least 32 characters/],
      [{ use: "glyphs", key, seed: "swordfish" }, /dataset\/seed must be .*, but is "•••"/],
      [{ use: "glyphs", key, secretly: 12_345.5 }, /dataset has no option "secretly"/],
      [{ use: "nowhere" }, /There is no dataset "nowhere"/],
    ];
    for (const [choice, sentence] of refused) {
      writeFileSync(join(cwd, "bad.json"), JSON.stringify({ dataset: choice, salt }));
      const said = checkComplaint(await everlearn(["audit", "out/er", "--secret", "bad.json"], { cwd }));
      expect(said).toMatch(/^The secret data cannot be loaded: /);
      expect(said).toMatch(sentence);
      expect(said).not.toMatch(/held-out|swordfish|12345/);
    }
    expect(existsSync(join(cwd, "audit"))).toBe(false);
  });

  it("says what was not run and why, and hands secret data to no code by a path but the learner's", async () => {
    const cwd = await withResults();
    const refused = await everlearn(["audit", "out/knows", ...secretly, "--seeds", "0"], { cwd });
    expect(refused.stdout).toMatch(
      /knows seed 0: 100\.0% declared\n {2}The receipt names code by its path, .*knows\.mjs/,
    );
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining("1 of 1 could not be run") as string });

    expect((await everlearn(["new", "stream", "mine", "--in", "."], { cwd })).status).toBe(0);
    const [file = ""] = readdirSync(cwd).filter((name) => name.includes("mine."));
    writeFileSync(
      join(cwd, "stream.json"),
      JSON.stringify({ ...shared, ...er, seeds: [0], stream: { use: `./${file}` } }),
    );
    const stream = await everlearn(["audit", "stream.json", ...secretly, "--allow", `./${file}`], { cwd });
    expect(stream.status).toBe(1);
    expect(stream.stdout).toMatch(
      /% run again\n {2}Its stream is code by a path, \S*mine\.\S+, to which the secret data/,
    );
    expect(readdirSync(join(cwd, "audit"), { recursive: true, encoding: "utf8" }).join()).not.toMatch(/secret/);
  });

  it("finds that a receipt's numbers are not its own", async () => {
    const cwd = await withResults();
    for (const seed of [0, 1]) {
      const { seal: _, ...result } = resultOf(join(cwd, `out/er/seed-${seed}`));
      const lie = { ...result, name: "lie", metrics: { ...result.metrics, retainedAccuracy: 0.99 } };
      writeFileSync(join(cwd, `lie-${seed}.json`), JSON.stringify({ ...lie, seal: sealOf(lie) }));
    }
    const args = ["audit", "lie-0.json", "lie-1.json", ...secretly, "--reference", "out/er"];
    const believed = await everlearn(args, { cwd });
    expect(believed.stdout).toMatch(/^✗ lie \(falls, 2 seeds\): 99\.0% declared, \d/m);
    const again = await everlearn([...args, "--rerun"], { cwd });
    expect(again.stdout).toMatch(/metrics\/retainedAccuracy was 0\.99, run again it is/);
    expect(again.stderr).toContain("1 of 1 could not be run or reproduced");
  });

  it("warns of a secret that can be found out, and refuses keys and files that are none", async () => {
    const cwd = folder();
    writeFileSync(
      join(cwd, "seed.json"),
      JSON.stringify({ dataset: { use: "glyphs", seed: 8241 }, salt: "5".repeat(64) }),
    );
    const advised = await everlearn(["audit", "nowhere", "--secret", "seed.json"], { cwd });
    expect(advised.stderr).toMatch(/seed\.json draws glyphs with a seed alone, which a program finds out/);
    expect(advised.stderr).not.toContain("8241");
    expect(checkComplaint(await everlearn(["audit", "x", "--secret", "seed.json", "--key", "k"], { cwd }))).toContain(
      "--key signs a report",
    );
    expect(checkComplaint(await everlearn(["audit", "x", "--secret", "none.json"], { cwd }))).toContain("none.json");
    const made = await everlearn(["secret", "new", "s.json"], { cwd });
    if (process.platform !== "win32") expect(statSync(join(cwd, "s.json")).mode & 0o777).toBe(0o600);
    const commitment = /everybody: ([0-9a-f]{64})$/m.exec(made.stdout)?.[1];
    expect((await everlearn(["secret", "commit", "s.json"], { cwd })).stdout).toBe(`${commitment}\n`);
    expect(checkComplaint(await everlearn(["secret", "new", "s.json"], { cwd }))).toContain("never overwritten");
    writeFileSync(join(cwd, "report.json"), "{}");
    expect(checkComplaint(await everlearn(["secret", "reveal", "s.json", "report.json"], { cwd }))).toContain(
      "is no report",
    );
  });
});
