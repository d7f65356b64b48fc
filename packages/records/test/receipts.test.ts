import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { digest } from "@everlearn/digest";
import { describe, expect, it } from "vitest";
import { compact, type Receipt, readReceipts, sealOf } from "../src/index.js";
import { temporary } from "./folder.js";
import { ran } from "./ran.js";

async function read(...paths: string[]) {
  const receipts: Receipt[] = [];
  const problems: string[] = [];
  for await (const found of readReceipts(paths))
    if ("problem" in found) problems.push(found.problem);
    else receipts.push(found.receipt);
  return { receipts, problems };
}

const sealed = (receipt: object): Receipt => ({ ...receipt, seal: sealOf({ ...receipt }) }) as Receipt;

describe("receipts", () => {
  it("are read from folders, files and packed files alike", async () => {
    const out = temporary();
    const results = [await ran(out), await ran(out, {}, 1), await ran(out, { name: "other" })];
    writeFileSync(join(out, "small", "notes.json"), "not a receipt, and not called one");
    const { receipts, problems } = await read(out);
    expect(problems).toEqual([]);
    expect(receipts).toEqual([results[2], results[0], results[1]]); // by name
    expect((await read(join(out, "small/seed-1/result.json"))).receipts).toEqual([results[1]]);

    const packed = join(temporary(), "all.jsonl");
    writeFileSync(packed, `${receipts.map(compact).join("\n")}\n\n`);
    const again = await read(packed);
    expect(again.problems).toEqual([]);
    const without = (receipt: Receipt) => ({ ...receipt, predictions: null });
    expect(again.receipts.map(without)).toEqual(receipts.map(without));
    for (const [i, { predictions }] of again.receipts.entries()) {
      expect(predictions).not.toHaveProperty("deflated");
      expect(predictions?.sha256).toBe(receipts[i].predictions?.sha256);
    }
  });

  it("are read from packed files of any size, and named by their line", async () => {
    const result = await ran(temporary());
    const path = join(temporary(), "large.jsonl");
    const line = compact(result);
    writeFileSync(path, `${line}\n${"\r\n".repeat(1_000_000)}{\n${compact(result)}`);
    const { receipts, problems } = await read(path);
    expect(receipts.map(compact)).toEqual([line]);
    expect(problems).toEqual([
      expect.stringContaining(`${path}:1000002 is damaged`),
      expect.stringContaining(`${path}:1000003 is the same cell as ${path}:1`),
    ]);
  });

  it("that are damaged are told with their file, and the rest is read", async () => {
    const out = temporary();
    const result = await ran(out);
    const place = (name: string) => {
      mkdirSync(join(out, name));
      return join(out, name, "result.json");
    };
    const text = readFileSync(join(out, "small/seed-0/result.json"), "utf8");
    const wrong: [string, string, RegExp][] = [
      ["cut", text.slice(0, 500), /is damaged, or no receipt/],
      ["empty", "", /is damaged, or no receipt/],
      ["other", '{"hello": 1}', /: the spec lacks|lacks "/],
      [
        "high",
        text.replace(/"initial": \[\s*[\d.]+/, '"initial": [1.5'),
        /\/initial\/0 must be ≥ 0 and ≤ 1, but is 1\.5/,
      ],
      ["plugins", text.replace('"package": "', '"package": 1, "was": "'), /\/plugins\/[a-z]+\/package must be/],
      [
        "track",
        text.replace('"spec": {', '"spec": { "protocol": { "track": "secret" },'),
        /\/spec\/protocol\/track must be/,
      ],
      ["capacity", text.replace(/"capacity": \d+/, '"capacity": "big"'), /\/spec\/buffer\/capacity must be/],
      ["edited", text.replace(/"retainedAccuracy": [\d.]+/, '"retainedAccuracy": 0.99'), /its seal does not match/],
      ["answers", text.replace(/"deflated": "../, '"deflated": "AA'), /its answers do not match their hash/],
      ["seed", text.replace('"seed": 0', '"seed": 7'), /its cellId does not follow from its specId and its seed, 7/],
      ["proto", text.replace('"name"', '"__proto__": {}, "name"'), /the key "__proto__" is not allowed/],
    ];
    for (const [name, content] of wrong) {
      expect(content, name).not.toBe(text);
      writeFileSync(place(name), content);
    }
    const { receipts, problems } = await read(out, join(out, "nowhere"));
    expect(receipts).toEqual([result]);
    expect(problems).toHaveLength(wrong.length + 1);
    for (const [name, , problem] of wrong)
      expect(problems.find((one) => one.startsWith(join(out, name, "result.json")))).toMatch(problem);
    expect(problems.at(-1)).toBe(`${join(out, "nowhere")} does not exist, or cannot be read.`);
  });

  it("that cannot be read are told with their file, and the rest is read", async () => {
    const out = temporary();
    const result = await ran(out);
    mkdirSync(join(out, "locked"));
    const paths = [join(out, "locked", "large.jsonl"), join(out, "locked", "result.json")];
    for (const path of paths)
      if (process.platform === "linux")
        symlinkSync("/proc/self/mem", path); // which not even root can read from its beginning
      else writeFileSync(path, "{}", { mode: 0 });
    const { receipts, problems } = await read(out);
    expect(receipts).toEqual([result]);
    expect(problems).toEqual(paths.map((path) => expect.stringMatching(`^${path} cannot be read: [a-z][a-z ]+\\.$`)));
  });

  it("of one cell are counted once, and named where they contradict each other", async () => {
    const [out, copy, liar] = [temporary(), temporary(), temporary()];
    const result = await ran(out);
    const path = join(out, "small/seed-0/result.json");
    copyFileSync(path, join(copy, "result.json"));
    const { seal: _, ...rest } = result;
    writeFileSync(join(liar, "result.json"), JSON.stringify(sealed({ ...rest, digest: "0".repeat(64) })));
    const { receipts, problems } = await read(out, copy, liar);
    expect(receipts).toEqual([result]);
    expect(problems).toEqual([
      `${join(copy, "result.json")} is the same cell as ${path}, and says the same; it is counted once.`,
      expect.stringMatching(/contradicts .*seed-0\/result\.json: one cell \(small, seed 0\) has two results/),
    ]);
  });

  it("of two specs under one name are not mixed", async () => {
    const [out, other] = [temporary(), temporary()];
    const result = await ran(out);
    await ran(other, { learner: { use: "online", alpha: 0.1 }, buffer: null }, 1);
    const { receipts, problems } = await read(out, other);
    expect(receipts).toEqual([result]);
    expect(problems).toEqual([expect.stringMatching(/is of another spec than .*, though both are called "small"/)]);
  });

  it("of a search for options are passed over, journals too", async () => {
    const out = temporary();
    const tuning = { protocol: "search", trials: 1, seeds: [5], space: { small: { "learner/alpha": [0.1] } } };
    const result = await ran(out, { protocol: { tuning } }, 0);
    await ran(out, { protocol: { tuning } }, 5);
    expect(await read(out)).toEqual({ receipts: [result], problems: [] });
  });

  it("of old, without seal, answers and much else, are taken as they are", async () => {
    const specId = "a".repeat(64);
    const choice = { use: "x" };
    const old = {
      ...{ name: "old", seed: 3, specId, cellId: digest({ specId, seed: 3 }), digest: "b".repeat(64) },
      spec: { name: "old", dataset: choice, stream: choice, scenario: choice, learner: choice },
      ...{ metrics: { retainedAccuracy: 0.5 }, seconds: 1, environment: {}, accuracy: [], initial: [] },
    };
    const path = join(temporary(), "old.jsonl");
    writeFileSync(path, `${JSON.stringify(old)}\n{`);
    const { receipts, problems } = await read(path);
    expect(receipts).toEqual([old]);
    expect(problems).toEqual([expect.stringMatching(/old\.jsonl:2 is damaged/)]);
  });

  it("that are many are believed and refused as few are, in their order", async () => {
    const { seal: _, ...result } = await ran(temporary());
    const line = (seed: number, change: object = {}) =>
      compact(sealed({ ...result, seed, cellId: digest({ specId: result.specId, seed }), ...change }));
    const count = 2345;
    const lines = Array.from({ length: count }, (_, seed) => line(seed));
    const wrong = new Map<number, [string, RegExp]>([
      [3, ["{", /is damaged/]],
      [1000, [line(1000, { chance: 2 }), /\/chance must be ≥ 0 and ≤ 1, but is 2/]],
      [1049, [line(1049).replace('"seed":1049', '"seed":9'), /its cellId does not follow/]],
      [1050, [line(999), /is the same cell as .*:1000, and says the same/]],
      [2000, [line(1999, { digest: "0".repeat(64) }), /contradicts .*:2000: one cell/]],
      [2344, [line(2344).replace('"chance":', '"__proto__":{},"chance":'), /the key "__proto__" is not allowed/]],
    ]);
    for (const [at, [text]] of wrong) lines[at] = text;
    const path = join(temporary(), "many.jsonl");
    writeFileSync(path, lines.join("\n"));
    const order: string[] = [];
    for await (const found of readReceipts([path, join(path, "nowhere")]))
      order.push("problem" in found ? found.problem : `${found.where} ${found.receipt.seed}`);
    expect(order).toHaveLength(count + 1);
    expect(order.at(-1)).toBe(`${join(path, "nowhere")} does not exist, or cannot be read.`);
    for (const [at, said] of order.slice(0, -1).entries()) {
      const [, problem] = wrong.get(at) ?? [];
      if (!problem) expect(said).toBe(`${path}:${at + 1} ${at}`);
      else {
        expect(said).toMatch(problem);
        expect(said.startsWith(`${path}:${at + 1}`)).toBe(true);
      }
    }
  });
});
