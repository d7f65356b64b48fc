import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readReceipts, type RunSpec, seal } from "@everlearn/records";
import { describe, expect, it } from "vitest";
import { type BenchOptions, bench } from "../src/bench.js";
import type { Honesty } from "../src/honesty.js";
import type { CheckEnd, Overview } from "../src/report.js";
import { from } from "./fixture.js";
import { createLocalExecutor } from "./local-executor.js";
import { ending, jsonIn, online, suite } from "./suite.js";

const ten = Array.from({ length: 10 }, (_, seed) => seed);
const protocol = { suite: "small", track: "closed", minimumEffect: 0.01 };

/** Answers what it was told last of an input, whatever the queries' number; asked for many at once, something else. */
const moody = `
  export default {
    contract: 2, kind: "learner", name: "moody", description: "Answers many otherwise than one.", options: {},
    create: () => ({
      observe() {}, save: () => null, load() {},
      predict: (queries) => Uint16Array.from(queries, () => (queries.length > 200 ? 1 : 0)),
    }),
  };`;

/** Runs a suite in this process. */
const into = (specs: readonly RunSpec[], out: string, options: Partial<BenchOptions> = {}) =>
  bench(specs, { out, from, jobs: 2, executor: createLocalExecutor(out), ...options });

describe("the honesty of a suite's runs", () => {
  it("is checked where ten seeds make it official, once, and written down", async () => {
    const { folder, specs } = suite([online(), ending("well")], { seeds: ten, protocol });
    const out = join(folder, "out");
    const heard: CheckEnd[] = [];
    const looks: Overview[] = [];
    const onChange = (look: () => Overview) => void looks.push(look());
    const first = await into(specs, out, { onChange, onCheck: (end) => heard.push(end) });
    expect(first.stopped).toBe(false);
    expect(first.checks.map(({ name, status, earlier }) => [name, status, earlier])).toEqual([
      ["online", "honest", false],
      ["well", "honest", false],
    ]);
    expect(heard.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual(first.checks);
    for (const { name, honesty } of first.checks) {
      expect(jsonIn(out, name, "checks.json")).toEqual(seal(honesty ?? {}));
      const { specId } = jsonIn(out, name, "seed-0", "result.json") as { specId: string };
      expect(honesty?.specId).toBe(specId);
    }
    expect(looks.some(({ checked, running }) => checked?.of === 2 && running.some(({ canary }) => canary))).toBe(true);

    const written = statSync(join(out, "online", "checks.json")).mtimeMs;
    const second = await into(specs, out, { onCheck: () => expect.unreachable() });
    expect(second.checks).toEqual(first.checks.map((end) => ({ ...end, earlier: true })));
    expect(statSync(join(out, "online", "checks.json")).mtimeMs).toBe(written);
  });

  it("is checked again, which is told, where what was found before cannot be believed", async () => {
    const { folder, specs } = suite([online()], { seeds: [0] });
    const out = join(folder, "out");
    const [first] = (await into(specs, out, { checks: true })).checks;
    const path = join(out, "online", "checks.json");
    const found = jsonIn(path) as Honesty;
    const passed = { ...found, canary: { ...found.canary, passed: false } };
    const seals =
      /^"out\/online\/checks\.json" is damaged or was edited: its seal does not match\. The run is checked again\.$/;
    const other =
      /^"out\/online\/checks\.json" is of another spec, or of another version of everlearn\. The run is checked again\.$/;
    const wrong: [string, RegExp][] = [
      ["{", seals],
      ["", seals],
      ["17", seals],
      [JSON.stringify(passed), seals],
      [JSON.stringify({ ...found, seal: undefined }), seals],
      [JSON.stringify(seal({ ...found, specId: "0".repeat(64) })), other],
      [JSON.stringify(seal({ specId: found.specId, passed: true })), other],
    ];
    for (const [text, sentence] of wrong) {
      writeFileSync(path, text);
      const said: string[] = [];
      const onOutput = (line: string, name: string) => said.push(`${name}: ${line}`);
      const { checks } = await into(specs, out, { checks: true, onOutput });
      expect(checks).toEqual([{ ...first, honesty: expect.objectContaining({ specId: found.specId }) }]);
      expect(said.map((line) => line.replace(`${folder}/`, "").replace("online: ", ""))).toEqual([
        expect.stringMatching(sentence),
      ]);
      expect(jsonIn(path)).toEqual(seal(checks[0].honesty ?? {}));
    }
  });

  it("is no receipt", async () => {
    const { folder, specs } = suite([online()], { seeds: [0] });
    const out = join(folder, "out");
    expect((await bench(specs, { out, from, jobs: 1, checks: true })).checks).toMatchObject([{ status: "honest" }]);
    expect(existsSync(join(out, "online", "check-canary-0", "result.json"))).toBe(true);
    const found: string[] = [];
    for await (const one of readReceipts([out])) found.push("receipt" in one ? one.where : one.problem);
    expect(found).toEqual([join(out, "online", "seed-0", "result.json")]);
  });

  it("is not checked of previews, of runs without a protocol, of those that came to no result, or where it is not wanted", async () => {
    const few = suite([online()], { seeds: [0, 1], protocol });
    expect((await into(few.specs, join(few.folder, "out"))).checks).toEqual([]);
    const { folder, specs } = suite([online(), ending("throw")], { seeds: ten });
    const out = join(folder, "out");
    expect((await into(specs, out)).checks).toEqual([]);
    const all = await into(specs, out, { checks: true });
    expect(all.checks).toMatchObject([{ name: "online", status: "honest" }]);
    const none = suite([online()], { seeds: ten, protocol });
    expect((await into(none.specs, join(none.folder, "out"), { checks: false })).checks).toEqual([]);
  });

  it("is denied to a learner whose answers depend on their number, and touches no other", async () => {
    const { folder, specs } = suite([{ name: "moody", learner: { use: "./moody.mjs" }, network: null }, online()], {
      seeds: [0],
    });
    writeFileSync(join(folder, "moody.mjs"), moody);
    const out = join(folder, "out");
    // Two tasks of 100 queries are not enough to ask for 256 at once; three are.
    const longer = specs.map((spec) => ({
      ...spec,
      stream: { ...spec.stream, tasks: 3 },
      dataset: { ...spec.dataset, test: 100 },
    }));
    const { checks } = await into(longer, out, { checks: true });
    expect(checks).toMatchObject([
      { name: "moody", status: "dishonest", honesty: { batches: { passed: false }, canary: { passed: true } } },
      { name: "online", status: "honest" },
    ]);
    expect(jsonIn(out, "moody", "checks.json")).toEqual(seal(checks[0].honesty ?? {}));
  });

  it("is gone on with where it was stopped", async () => {
    const { folder, specs } = suite([online(), online(0.01, "slower")], { seeds: [0] });
    const out = join(folder, "out");
    const stop = new AbortController();
    const stopped = await bench(specs, {
      ...{ out, from, jobs: 1, checks: true },
      signal: stop.signal,
      onCheck: () => stop.abort(),
    });
    expect([stopped.stopped, stopped.checks.length]).toEqual([true, 1]);
    const { checks } = await bench(specs, { out, from, jobs: 1, checks: true });
    expect(checks.map(({ name, status, earlier }) => [name, status, earlier])).toEqual([
      ["online", "honest", true],
      ["slower", "honest", false],
    ]);
  });
});
