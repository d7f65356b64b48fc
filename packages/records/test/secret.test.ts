import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { commitmentOf, randomDigits, readSecret, withoutSecret } from "../src/index.js";
import { temporary } from "./folder.js";

const salt = "5".repeat(64);
const dataset = { use: "glyphs", key: "swordfish-swordfish-swordfish-123" };

function written(value: unknown): string {
  const file = join(temporary(), "secret.json");
  writeFileSync(file, typeof value === "string" ? value : JSON.stringify(value));
  return file;
}

describe("a secret", () => {
  it("is read from a file with a data set and a salt", () => {
    expect(readSecret(written({ dataset, salt }))).toEqual({ dataset, salt });
  });

  it.each<[string, unknown, RegExp]>([
    ["no JSON", '{"dataset": {"use": "glyphs", "key": "swordfish', /is no JSON: line 1, column \d+ cannot be read\.$/],
    ["a list", ["swordfish"], /lacks "dataset"/],
    ["without a data set", { salt }, /lacks "dataset"/],
    ["without a plugin", { dataset: { key: "swordfish" }, salt }, /lacks "dataset"/],
    ["without a salt", { dataset }, /lacks "salt", .* "salt": "[0-9a-f]{64}"\.$/],
    ["with a short salt", { dataset, salt: "5" }, /lacks "salt"/],
    ["with more than that", { dataset, salt, learner: "swordfish" }, /has other fields than "dataset" and "salt"/],
  ])("is refused where it is %s, and nothing of it is repeated", (_, value, sentence) => {
    const read = () => readSecret(written(value));
    expect(read).toThrow(sentence);
    expect(read).not.toThrow(/swordfish/);
  });

  it("has a commitment that follows from the data set, its examples and the salt, in whatever order it is written", () => {
    const first = commitmentOf({ dataset, salt }, "a");
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(commitmentOf({ salt, dataset: { key: dataset.key, use: "glyphs" } }, "a")).toBe(first);
    const others = [
      commitmentOf({ dataset, salt }, "b"),
      commitmentOf({ dataset, salt: "6".repeat(64) }, "a"),
      commitmentOf({ dataset: { ...dataset, seed: 1 }, salt }, "a"),
    ];
    expect(new Set([first, ...others]).size).toBe(4);
    expect(randomDigits()).toMatch(/^[0-9a-f]{64}$/);
    expect(randomDigits()).not.toBe(randomDigits());
  });

  it.each<[string, object, string, string]>([
    ["a key", dataset, `key "${dataset.key}" is bad`, 'key "•••" is bad'],
    ["a salt", dataset, `${salt}!`, "•••!"],
    ["a number", { use: "glyphs", seed: 8241 }, "seed 8241 of 82410 is 0.8241", "seed ••• of 82410 is 0.8241"],
    ["a path", { use: "images", path: "./held/out/" }, "nothing at /data/held/out; why", "nothing at /data/•••; why"],
    ["what JSON escapes", { use: "images", path: 'a"b\\c' }, 'it is "a\\"b\\\\c"', 'it is "•••"'],
    ["what a chain says", { use: "noisy", of: { use: "glyphs", key: "abcabcabc" } }, "abcabcabc", "•••"],
    ["a plugin's name, which is none", { use: "glyphs", train: 10 }, "glyphs are fine", "glyphs are fine"],
  ])("is blotted out of sentences: %s", (_, choice, text, blotted) => {
    expect(withoutSecret(text, { dataset: choice as { use: string }, salt })).toBe(blotted);
  });
});
