import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  DamagedError,
  compact,
  type FoundReceipt,
  parseReceipt,
  type Receipt,
  readReceipts,
  readResult,
  type Result,
  seal,
  sealOf,
  unpackPredictions,
} from "../src/index.js";
import { temporary } from "./folder.js";
import { ran } from "./ran.js";

const scratch = mkdtempSync(join(tmpdir(), "everlearn-test-"));
const result = await ran(scratch);
rmSync(scratch, { recursive: true });
const text = `${JSON.stringify(result, null, 2)}\n`;
const edited = (change: object) => JSON.stringify(seal({ ...result, ...change }, sealOf));

/** What is wrong with each text or bytes, as one file among good ones. */
const hostile: Readonly<Record<string, [content: string | Uint8Array, problem: RegExp]>> = {
  infinity: [
    text.replace(/"seconds": [^,]+/, '"seconds": 1e999'),
    /: line \d+, column \d+: 1e999 is too large a number/,
  ],
  "minus-zero": [text.replace(/"seconds": [^,]+/, '"seconds": -0.0'), /: write 0, not -0\.$/],
  brackets: ["[".repeat(20_000), /: line 1, column 65: more than 64 levels deep\.$/],
  "closed-brackets": ["[".repeat(20_000) + "]".repeat(20_000), /more than 64 levels deep/],
  nested: [`{"a":`.repeat(20_000), /more than 64 levels deep/],
  "deep-inside": [
    JSON.stringify({ ...result, note: 0 }).replace('"note":0', `"note":${"[".repeat(99)}${"]".repeat(99)}`),
    /more than 64 levels deep/,
  ],
  "two-keys": [text.replace('"seed": 0', '"seed": 0, "seed": 0'), /: the key "seed" stands here twice\.$/],
  "two-keys-inside": [text.replace('"use": "er"', '"use": "mer", "use": "er"'), /: the key "use" stands here twice\.$/],
  nul: [text.replace("small", "\0"), /: this string is not valid JSON\.$/],
  "escaped-nul": [text.replaceAll('"small"', '"sm\\u0000ll"'), /\/name must be a run's name/],
  "half-pair": [text.replace('"name": "small"', '"note": "\\ud800", "name": "small"'), /half of a surrogate pair/],
  "half-pair-in-key": [text.replace('"name"', '"\\udc00": 1, "name"'), /half of a surrogate pair/],
  latin1: [Buffer.from(text.replace('"name"', '"é": 1, "name"'), "latin1"), /: it is not UTF-8 text\.$/],
  prototype: [text.replace('"seed"', '"__proto__": {"a": 1}, "seed"'), /: the key "__proto__" is not allowed\.$/],
  "prototype-inside": [text.replace('"use": "er"', '"use": "er", "__proto__": {}'), /"__proto__" is not allowed\.$/],
  "long-name": [text.replaceAll("small", "s".repeat(5_000_000)), /\/name must be a run's name, but is "s{59}…\.$/],
  "long-key": [text.replace('"seed"', `"${"k".repeat(5_000_000)}": "\\u0001", "seed"`), /its seal does not match\.$/],
  "many-mistakes": [text.replace('"initial": [', `"initial": [${"9,".repeat(500_000)}`), /\/initial\/0 must be/],
  "long-spec": [edited({ spec: { ...result.spec, note: "n".repeat(2 ** 21) } }), /has a spec of more than 1048576/],
  "sealed-seed": [edited({ seed: 7 }), /its cellId does not follow from its specId and its seed, 7\.$/],
  "no-seal": [text.replace(/,\s+"seal": "\w+"/, ""), /was changed after it was written: its seal is gone\.$/],
  "escape-codes": [text.replace('"seed": 0', '"seed": "\\u001b[2J\\u202e"'), /but is "\\u001b\[2J\\u202e"\.$/],
  "escape-codes-in-key": [
    text.replace('"plugins": {', '"plugins": {"\\u001b[2J": 1,'),
    /\/plugins\/\\u001b\[2J must be an object, but is 1\.$/,
  ],
  empty: ["", /: line 1, column 1: expected a value, but the file ends\.$/],
  number: ["17", /must be an object, but is 17\.$/],
  null: ["null", /must be an object, but is null\.$/],
};

async function read(...paths: string[]): Promise<{ found: FoundReceipt[]; problems: string[] }> {
  const found: FoundReceipt[] = [];
  const problems: string[] = [];
  for await (const one of readReceipts(paths))
    if ("problem" in one) problems.push(one.problem);
    else found.push(one);
  return { found, problems };
}

describe("a hostile receipt", () => {
  it.each(Object.entries(hostile))("is a named problem: %s", async (name, [content, problem]) => {
    expect(content).not.toBe(text);
    const out = temporary();
    for (const folder of ["a", name, "z"]) mkdirSync(join(out, folder));
    const path = join(out, name, "result.json");
    writeFileSync(path, content);
    writeFileSync(join(out, "zz.jsonl"), JSON.stringify(result));
    const { found, problems } = await read(out);
    expect(found).toEqual([{ receipt: result, where: `${join(out, "zz.jsonl")}:1` }]);
    expect(problems).toEqual([expect.stringMatching(problem)]);
    expect(problems[0].startsWith(path)).toBe(true);
    expect(problems[0].length).toBeLessThan(path.length + 300);
  });

  it("is a named problem among thousands too, which threads check", async () => {
    const path = join(temporary(), "many.jsonl");
    const lines = Object.entries(hostile).flatMap(([name, [content]]) =>
      typeof content === "string" && !content.includes("\n") && content !== "" && name !== "long-spec" ? [content] : [],
    );
    writeFileSync(path, `${"\n".repeat(5)}${"{}\n".repeat(1200)}${lines.join("\n")}\n${JSON.stringify(result)}\n`);
    const { found, problems } = await read(path);
    expect(found.map(({ where }) => where)).toEqual([`${path}:${5 + 1200 + lines.length + 1}`]);
    expect(problems).toHaveLength(1200 + lines.length);
    for (const [i, problem] of problems.entries()) expect(problem.startsWith(`${path}:${6 + i}`)).toBe(true);
  });

  it("is a named problem where it is no file of its own", async () => {
    const out = temporary();
    const at = (name: string) => join(out, name, "result.json");
    for (const name of ["folder", "loop", "up", "pipe", "device", "secret"]) mkdirSync(join(out, name));
    mkdirSync(at("folder"));
    writeFileSync(join(at("folder"), "result.json"), text);
    symlinkSync("result.json", at("loop"));
    symlinkSync("..", at("up"));
    symlinkSync("..", join(out, "up", "circle")); // a link to a folder is not followed
    execFileSync("mkfifo", [at("pipe"), join(out, "pipe", "b.jsonl")]);
    symlinkSync("/dev/zero", at("device"));
    writeFileSync(at("secret"), text);
    chmodSync(at("secret"), 0);
    writeFileSync(join(out, "z.jsonl"), JSON.stringify(result));
    const { found, problems } = await read(out);
    const said = Object.fromEntries(
      problems.map((problem) => problem.slice(out.length + 1).split(" cannot be read: ")),
    );
    const root = process.getuid?.() === 0;
    expect(said).toEqual({
      "folder/result.json": "it is a folder.",
      "loop/result.json": "the links in the path lead in a circle.",
      "up/result.json": "it is a folder.",
      "pipe/result.json": "it is a pipe or a device.",
      "pipe/b.jsonl": "it is a pipe or a device.",
      "device/result.json": "it is a pipe or a device.",
      ...(!root && { "secret/result.json": "you have no permission." }),
    });
    expect(found).toHaveLength(1);
  });

  it("is a named problem where it is a line that is longer than any receipt, in a file of any size", async () => {
    const path = join(temporary(), "long.jsonl");
    const whole = Buffer.concat([Buffer.alloc(64 * 2 ** 20 + 1, "["), Buffer.from(`\n${JSON.stringify(result)}`)]);
    writeFileSync(path, whole);
    const { found, problems } = await read(path);
    expect(found.map(({ where }) => where)).toEqual([`${path}:2`]);
    expect(problems).toEqual([`${path}:1 is larger than 64 MiB, the most that a receipt may have.`]);
  });
});

describe("any damage", () => {
  /** Bytes of a text, changed at some places. */
  const damages = (whole: Buffer) =>
    fc
      .array(
        fc.record({
          at: fc.nat(whole.length - 1),
          how: fc.constantFrom("flip", "delete", "insert", "cut"),
          byte: fc.integer({ min: 1, max: 255 }),
        }),
        { minLength: 1, maxLength: 3 },
      )
      .map((edits) => {
        let bytes = whole;
        for (const { at, how, byte } of edits) {
          const place = Math.min(at, bytes.length);
          const rest = bytes.subarray(place + (how === "insert" ? 0 : 1));
          const put = how === "flip" ? [(bytes[place] ?? 0) ^ byte] : how === "insert" ? [byte] : [];
          bytes = Buffer.concat([bytes.subarray(0, place), Buffer.from(put), ...(how === "cut" ? [] : [rest])]);
        }
        return bytes;
      });

  /** What a receipt says: there are several ways to write the same answers. */
  const meaning = (receipt: Receipt | undefined) => ({
    ...receipt,
    predictions: receipt?.predictions && unpackPredictions(receipt.predictions)?.toString("hex"),
  });

  it("of a result is refused with its file and what to do, or changes nothing that it says", async () => {
    const out = temporary();
    const folder = join(out, "small/seed-0");
    mkdirSync(folder, { recursive: true });
    const path = join(folder, "result.json");
    const owner = { ...result, plugins: result.plugins, checksum: result.checksum };
    let refused = 0;
    fc.assert(
      fc.property(damages(Buffer.from(text)), (bytes) => {
        writeFileSync(path, bytes);
        let read: Result | undefined;
        try {
          read = readResult(folder, owner);
        } catch (error) {
          refused++;
          expect(error).toBeInstanceOf(DamagedError);
          expect((error as Error).message).toContain(path);
          expect((error as Error).message).toMatch(/; delete it and --resume makes it again\.$/);
          return;
        }
        expect(meaning(read)).toEqual(meaning(result));
      }),
      { numRuns: 500 },
    );
    expect(refused).toBeGreaterThan(400);
    writeFileSync(path, text);
    expect(readResult(folder, owner)).toEqual(result);
  });

  it("of a result whose answers were taken out is told, though its seal still matches", () => {
    const folder = temporary();
    const path = join(folder, "result.json");
    writeFileSync(path, compact(result));
    expect(() => readResult(folder, result)).toThrow(
      `The result "${path}" was edited: its answers are gone; delete it and --resume makes it again.`,
    );
  });

  it("of a packed receipt is told, or changes nothing that it says but the seal's name", () => {
    const line = JSON.stringify(result);
    fc.assert(
      fc.property(damages(Buffer.from(line)), (bytes) => {
        const found = parseReceipt({ text: bytes.toString("utf8"), where: "here" });
        if ("problem" in found) expect(found.problem).toMatch(/^here/);
        else expect(meaning(found.receipt)).toEqual(meaning(result));
      }),
      { numRuns: 500 },
    );
  });
});

it("a receipt's meaning does not depend on how its JSON is laid out", async () => {
  const out = temporary();
  const layouts = [JSON.stringify(result), text, JSON.stringify(result, null, 7), text.replaceAll(":", " : ")];
  for (const [i, layout] of layouts.entries()) {
    mkdirSync(join(out, String(i)));
    writeFileSync(join(out, String(i), "result.json"), layout);
    const found = parseReceipt({ text: readFileSync(join(out, String(i), "result.json"), "utf8"), where: "" });
    expect(found).toEqual({ receipt: result, where: "" });
  }
  cpSync(join(out, "0"), join(out, "copy"), { recursive: true });
  expect((await read(out)).problems).toHaveLength(layouts.length);
});
