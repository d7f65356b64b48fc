import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { digest } from "@everlearn/digest";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { companionLine, compact, isSealed, readCompanions, readReceipts, seal } from "../src/index.js";
import { temporary } from "./folder.js";
import { ran } from "./ran.js";

const specId = "a".repeat(64);
const checks = seal({ specId, canary: { passed: true, retainedAccuracy: 0.1 }, isolation: { passed: false } });
const point = (alpha: number, mean: number) => ({
  ...{ id: "x", options: { "learner/alpha": alpha }, specId, retainedAccuracy: [mean], mean },
  trials: [{ cellId: digest({ specId, seed: 5 }), digest: "b".repeat(64) }],
});
const tuned = seal({ run: "small", seeds: [5], space: 2, points: [point(0.1, 0.4), point(0.3, 0.5)], chosen: 1 });

function read(...paths: string[]) {
  const all = [...readCompanions(paths)];
  return {
    problems: all.flatMap((one) => ("problem" in one ? [one.problem] : [])),
    said: all.flatMap((one) => ("problem" in one ? [] : ["checks" in one ? one.checks : one.tuned])),
  };
}

describe("companions of receipts", () => {
  it("are found in a run's folder, beside its results, and in packed files, of which receipts are read as ever", async () => {
    const out = temporary();
    const result = await ran(out);
    const [a, b] = [join(out, "small/checks.json"), join(out, "small/tuning.json")];
    writeFileSync(a, JSON.stringify(checks, null, 2));
    writeFileSync(b, JSON.stringify(tuned, null, 2));
    for (const path of [out, join(out, "small/seed-0"), join(out, "small/seed-0/result.json")])
      expect(read(path)).toEqual({ problems: [], said: [checks, tuned] });
    const packed = join(temporary(), "small.jsonl");
    const lines = [compact(result), companionLine({ where: "", checks }), companionLine({ where: "", tuned })];
    writeFileSync(packed, `${lines.join("\n")}\n`);
    expect(read(packed)).toEqual({ problems: [], said: [checks, tuned] });
    const receipts = [];
    for await (const found of readReceipts([packed])) receipts.push(found);
    expect(receipts).toEqual([{ where: `${packed}:1`, receipt: JSON.parse(lines[0]) as object }]);
    expect(read(join(out, "nowhere"))).toEqual({ problems: [], said: [] });
  });

  it.each<[string, string, RegExp]>([
    [
      "without a seal",
      JSON.stringify({ ...checks, seal: undefined }),
      /has no seal, or was changed .*as if it were not/,
    ],
    ["edited", JSON.stringify({ ...checks, isolation: { passed: true } }), /has no seal, or was changed/],
    ["sealed and empty", JSON.stringify(seal({ specId })), /is sealed, but no record of honesty checks/],
    ["of no spec", JSON.stringify(seal({ specId: "x", canary: { passed: true } })), /no record of honesty checks/],
    ["cut off", JSON.stringify(checks).slice(0, 50), /is damaged/],
    ["too deep", "[".repeat(20_000), /is damaged/],
    ["null", "null", /has no seal/],
    ["with a number beyond all", '{"specId": 1e999, "seal": "x"}', /has no seal/],
  ])("are as if absent, and named, where they are %s", (_, text, problem) => {
    const path = join(temporary(), "checks.json");
    writeFileSync(path, text);
    expect(read(path)).toEqual({ said: [], problems: [expect.stringMatching(problem)] });
  });

  it.each<[string, object]>([
    ["another cell", { ...point(0.1, 0.4), trials: [{ cellId: "c".repeat(64), digest: null }] }],
    ["no cell for a seed", { ...point(0.1, 0.4), trials: [] }],
    ["no digest", { ...point(0.1, 0.4), trials: [{ cellId: digest({ specId, seed: 5 }), digest: "?" }] }],
    ["accuracies that are none", { ...point(0.1, 0.4), retainedAccuracy: ["1"] }],
  ])("are no trials of a search with %s", (_, points) => {
    const folder = temporary();
    mkdirSync(join(folder, "small"));
    writeFileSync(join(folder, "small/tuning.json"), JSON.stringify(seal({ ...tuned, points: [points] })));
    expect(read(folder)).toEqual({ said: [], problems: [expect.stringMatching(/no record of a search/)] });
  });
});

it("A seal fits nothing but what was sealed", () => {
  const json = fc.jsonValue({ maxDepth: 3 });
  fc.assert(
    fc.property(fc.dictionary(fc.string(), json), fc.string(), json, (record, key, value) => {
      const sealed = seal({ record });
      expect(isSealed(JSON.parse(JSON.stringify(sealed)))).toBe(true);
      const changed = JSON.parse(JSON.stringify({ record: { ...record, [key]: value } })) as object;
      const same = JSON.stringify(seal(changed)) === JSON.stringify(sealed);
      expect(isSealed({ ...changed, seal: sealed.seal })).toBe(same || seal(changed).seal === sealed.seal);
    }),
  );
});
