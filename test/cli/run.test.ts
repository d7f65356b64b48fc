import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { everlearn, folder, journalOf, milestones, resultOf, small, start, timeless, withSpec } from "./everlearn.js";

const run = (cwd: string, ...more: string[]) => everlearn(["run", "spec.json", "--out", "out", ...more], { cwd });

/** The names of an XML document's elements, in order. @throws Error where tags are malformed or close in another order */
function elements(xml: string): string[] {
  if (/[<>]|&(?!(amp|lt|gt|quot|apos|#\d+);)/.test(xml.replace(/<[^<>]*>/g, ""))) throw new Error("A stray character.");
  const open: string[] = [];
  const names: string[] = [];
  for (const [tag] of xml.matchAll(/<[^?][^<>]*>/g)) {
    const [, close, name, empty] = /^<(\/?)([a-zA-Z]+)(?:\s+[a-zA-Z:-]+="[^"]*")*\s*(\/?)>$/.exec(tag) ?? [];
    if (name === undefined || (close && open.pop() !== name)) throw new Error(`${tag} is not well-formed here.`);
    if (!close) names.push(name);
    if (!close && !empty) open.push(name);
  }
  if (open.length > 0) throw new Error(`${open.join(", ")} stay open.`);
  return names;
}

describe.concurrent("everlearn run", () => {
  it("writes a result, a journal and a picture for each seed", async () => {
    const cwd = withSpec({ seeds: [0, 1] });
    const { status, stdout, stderr } = await run(cwd);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const digests = [0, 1].map((seed) => {
      const directory = join(cwd, "out/small", `seed-${seed}`);
      expect(readdirSync(directory).toSorted()).toEqual([
        "accuracy.svg",
        "journal.jsonl",
        "result.json",
        "weights.npy",
      ]);
      const result = resultOf(directory);
      expect(result).toMatchObject({ name: "small", seed, examples: 120, environment: { node: process.version } });
      expect(Object.keys(result).toSorted()).toEqual(
        (
          "accuracy bytes cellId chance checksum classes commit digest environment examples glances gradients initial journal " +
          "metrics name plugins predictions seal seconds seed spec specId status taskLabels tasks usage weights"
        ).split(" "),
      );
      for (const id of [result.specId, result.cellId, result.digest]) expect(id).toMatch(/^[0-9a-f]{64}$/);
      expect(result.accuracy.map((row) => row.length)).toEqual([3, 3, 3]);
      expect(result.initial).toHaveLength(3);
      const rows = result.accuracy.map((row) => row.map((a) => a ?? Number.NaN));
      const initial = result.initial.map((a) => a ?? Number.NaN);
      for (const a of [...rows.flat(), ...initial]) expect(a * 100).toBeCloseTo(Math.round(a * 100), 9);
      const { retainedAccuracy, learningAccuracy, backwardTransferAndInterference } = result.metrics;
      expect(retainedAccuracy).toBeCloseTo(rows[2].reduce((sum, a) => sum + a, 0) / 3, 12);
      expect(backwardTransferAndInterference).toBeCloseTo((retainedAccuracy ?? 0) - (learningAccuracy ?? 0), 12);
      expect(result.spec.learner).toEqual({ use: "er", alpha: 0.05, k: 3, clip: 0 });

      const records = milestones(directory);
      expect(records.map(({ type }) => type)).toEqual(["start", ...new Array<string>(4).fill("evaluation"), "end"]);
      expect(records[5]).toMatchObject({ digest: result.digest, metrics: result.metrics });
      for (const { time } of records) expect(new Date(time).toISOString()).toBe(time);
      expect(elements(readFileSync(join(directory, "accuracy.svg"), "utf8"))[0]).toBe("svg");
      expect(stdout).toContain(`digest ${result.digest.slice(0, 12)}`);
      return result.digest;
    });
    expect(new Set(digests).size).toBe(2);
  });

  it("shows R, a table over seeds and their order, without colours where nobody looks", async () => {
    const runs = [{ name: "one" }, { name: "two", learner: { use: "online", alpha: 0.05 }, buffer: null }];
    const { name: _, ...shared } = small;
    const cwd = folder();
    writeFileSync(join(cwd, "spec.json"), JSON.stringify({ ...shared, seeds: [3, 4], runs }));
    const { status, stdout, stderr } = await everlearn(["run", "spec.json"], { cwd, env: { CI: "true" } });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).not.toContain("\u001b");
    for (const name of ["one", "two"]) {
      for (const seed of [3, 4])
        expect(stdout).toMatch(
          new RegExp(`^✓ ${name} seed ${seed}: RA [\\d.]+%, LA [\\d.]+% · in .+ · digest [\\da-f]{12}$`, "m"),
        );
      expect(stdout).toMatch(new RegExp(`^${name} +2 +[\\d.]+% ± [\\d.]+% `, "m"));
    }
    expect(stdout).toContain("rows: after training on task 1–3, columns: tested on task 1–3");
    expect(stdout).toMatch(/^Order by mean RA \(preview, 2 seeds\): (one [<=] two|two [<=] one)$/m);
    expect(stdout).toMatch(/^Results: runs$/m);
    expect(readdirSync(join(cwd, "runs")).toSorted()).toEqual(["one", "two"]);
  });

  it("gives the same numbers in another folder, and colours where they are asked for", async () => {
    const [a, b] = [withSpec(), withSpec()];
    await run(a);
    const { stdout } = await everlearn(["run", join(b, "spec.json"), "-o", "x/y"], {
      cwd: b,
      env: { FORCE_COLOR: "1" },
    });
    expect(stdout).toContain("\u001b[32m✓");
    const [one, two] = [join(a, "out/small/seed-0"), join(b, "x/y/small/seed-0")];
    const { seconds, seal, journal, usage } = resultOf(two);
    expect(resultOf(two)).toEqual({ ...resultOf(one), seconds, seal, journal, usage });
    expect(timeless(journalOf(two))).toEqual(timeless(journalOf(one)));
  });

  it("runs the seeds and the runs that one asks for", async () => {
    const { name: _, ...shared } = small;
    const cwd = folder();
    const runs = [{ name: "one" }, { name: "two" }, { name: "three" }];
    writeFileSync(join(cwd, "spec.json"), JSON.stringify({ ...shared, runs }));
    writeFileSync(join(cwd, "more.json"), JSON.stringify({ ...small, name: "four" }));
    const asked = ["--only", "three", "four", "--seed", "7", "5"];
    const { status } = await everlearn(["run", "spec.json", "more.json", "--out", "out", ...asked], { cwd });
    expect(status).toBe(0);
    expect(readdirSync(join(cwd, "out")).toSorted()).toEqual(["four", "three"]);
    for (const name of ["four", "three"])
      expect(readdirSync(join(cwd, "out", name)).toSorted()).toEqual(["seed-5", "seed-7"]);
    const [three, four] = ["three", "four"].map((name) => resultOf(join(cwd, "out", name, "seed-5")));
    expect(four.digest).toBe(three.digest); // a name is no part of what a run is
  });

  it("does not repeat what is finished, but draws a picture that is missing", async () => {
    const cwd = withSpec();
    await run(cwd);
    const directory = join(cwd, "out/small/seed-0");
    const [svg, made] = [
      readFileSync(join(directory, "accuracy.svg")),
      statSync(join(directory, "result.json")).mtimeMs,
    ];
    rmSync(join(directory, "accuracy.svg"));
    const again = await run(cwd, "--seed", "0", "1");
    expect(again.status).toBe(0);
    expect(again.stdout).toMatch(/^✓ small seed 0: .+ · already finished, not run again · /m);
    expect(again.stdout).toMatch(/^✓ small seed 1: .+ · in /m);
    expect(again.stdout).toMatch(/^small +2 /m);
    expect(readFileSync(join(directory, "accuracy.svg"))).toEqual(svg);
    expect(statSync(join(directory, "result.json")).mtimeMs).toBe(made);
  });

  it("tells a team's own learner apart by its file", async () => {
    const cwd = withSpec({ learner: { use: "./constant.mjs", unit: 3 }, buffer: null, network: null });
    const plugin = `export default { contract: 2, kind: "learner", name: "constant", description: "Always the same.",
      options: { unit: { type: "integer", minimum: 0, description: "The answer." } },
      create: ({ unit }) => ({ observe() {}, predict: (q) => new Uint16Array(q.length).fill(unit), save: () => null, load() {} }) };`;
    writeFileSync(join(cwd, "constant.mjs"), plugin);
    expect((await run(cwd)).status).toBe(0);
    const { accuracy, initial } = resultOf(join(cwd, "out/small/seed-0"));
    expect(accuracy).toEqual([initial, initial, initial]);
  });

  it("stops without a word where nobody reads on", async () => {
    const { child, ended } = start(["list"], { cwd: folder() });
    child.stdout?.destroy();
    expect(await ended).toMatchObject({ stderr: "", status: 0 });
  });

  it("runs on MNIST", async () => {
    const data = process.env.EVERLEARN_DATA;
    if (data === undefined) {
      console.warn("Skipped: set EVERLEARN_DATA to a folder with MNIST to run the command on it.");
      return;
    }
    const stream = { use: "permuted", tasks: 2, examplesPerTask: 300, testExamples: 500 };
    const cwd = withSpec({ dataset: { use: "mnist" }, stream, network: { use: "mlp", hidden: [50] } });
    const ways: [args: string[], env: Record<string, string>][] = [
      [["--data", data], {}],
      [[], { EVERLEARN_DATA: data }],
    ];
    const digests: string[] = [];
    for (const [i, [args, env]] of ways.entries()) {
      const { status, stderr } = await everlearn(["run", "spec.json", "--out", `${i}`, ...args], { cwd, env });
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      const result = resultOf(join(cwd, `${i}`, "small/seed-0"));
      expect(result.metrics.learningAccuracy).toBeGreaterThan(0.3);
      digests.push(result.digest);
    }
    expect(digests[1]).toBe(digests[0]);
  });
});
