import { createHash } from "node:crypto";
import { checkDataset } from "@everlearn/conformance";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import plugin, { drawing, glyphs } from "../src/index.js";

const whole = glyphs();

it("conforms to the dataset contract", async () => {
  await checkDataset(plugin, { options: { train: 300, test: 100, seed: 5 } });
});

describe("the drawing", () => {
  it("is the one that `drawing` names; if it was changed on purpose, that constant must become the new sum", () => {
    const sum = createHash("sha256");
    for (const split of [whole.train, whole.test]) {
      for (let i = 0; i < split.length; i++) sum.update(split.input(i));
      sum.update(Uint8Array.from({ length: split.length }, (_, i) => split.label(i)));
    }
    expect(sum.digest("hex")).toBe(drawing);
  });

  it("is light ink on mostly dark paper", () => {
    let total = 0;
    for (let i = 0; i < 1000; i++) {
      const image = whole.train.input(i);
      expect(image).toHaveLength(28 * 28);
      expect(Math.max(...image)).toBeGreaterThan(127);
      total += Array.from(image).reduce((sum, value) => sum + value, 0) / 255 / 784 / 1000;
    }
    expect(total).toBeGreaterThan(0.09);
    expect(total).toBeLessThan(0.15); // MNIST's is 0.13
  });

  it("never repeats itself", () => {
    const seen = new Set<string>();
    for (const split of [whole.train, whole.test, glyphs({ seed: 1 }).train])
      for (let i = 0; i < 2000; i++) seen.add(split.input(i).join());
    expect(seen.size).toBe(6000);
  });
});

describe("the labels", () => {
  it("have equal chances", () => {
    const counts = Array.from({ length: 10 }, () => 0);
    for (let i = 0; i < 60_000; i++) counts[whole.train.label(i)]++;
    for (const count of counts) expect(Math.abs(count - 6000)).toBeLessThan(4 * Math.sqrt(60_000 * 0.1 * 0.9));
  });

  it("are not those of another seed or split", () => {
    const labels = ({ label }: { label: (i: number) => number }) => Array.from({ length: 100 }, (_, i) => label(i));
    expect(labels(whole.train)).not.toEqual(labels(whole.test));
    expect(labels(whole.train)).not.toEqual(labels(glyphs({ seed: 1 }).train));
  });
});

describe("an example", () => {
  it("does not depend on the order of reading, nor on the number of examples", () => {
    const { train } = glyphs({ train: 300, test: 1 });
    for (const i of random(7).permutation(300)) {
      expect(train.input(i)).toEqual(whole.train.input(i));
      expect(train.label(i)).toBe(whole.train.label(i));
    }
  });

  it("goes into what it is given: bytes as they are, floats as fractions", () => {
    const { test } = glyphs();
    const bytes = new Uint8Array(784).fill(9);
    const floats = new Float32Array(784).fill(9);
    expect(test.input(5, bytes)).toBe(bytes);
    expect(test.input(5, floats)).toBe(floats);
    expect(bytes).toEqual(whole.test.input(5));
    expect(floats).toEqual(Float32Array.from(bytes, (byte) => byte / 255));
  });

  it("stays valid while others are read", () => {
    const { test } = glyphs({ test: 100 });
    const first = test.input(0);
    const copy = first.slice();
    for (let i = 1; i < 100; i++) test.input(i);
    expect(first).toEqual(copy);
    expect(test.input(0)).toEqual(copy);
  });

  it("is refused if it does not exist", () => {
    for (const i of [-1, 60_000, 0.5, Number.NaN]) {
      expect(() => whole.train.input(i)).toThrow(RangeError);
      expect(() => whole.train.label(i)).toThrow(/use 0 to 59999/);
    }
  });
});

describe("the dataset", () => {
  it("says what it holds", () => {
    expect(whole).toMatchObject({
      shape: [28, 28, 1],
      classes: 10,
      train: { length: 60_000 },
      test: { length: 10_000 },
    });
    expect(plugin).toMatchObject({ kind: "dataset", name: "glyphs" });
  });

  it("has a checksum that follows from all its options, those left out included", () => {
    const checksums = [{}, { seed: 1 }, { train: 100 }, { test: 100 }].map((options) => glyphs(options).checksum);
    expect(new Set(checksums).size).toBe(4);
    for (const checksum of checksums) expect(checksum).toMatch(/^[0-9a-f]{64}$/);
    expect(glyphs({ seed: 0, test: 10_000, train: 60_000 }).checksum).toBe(whole.checksum);
  });
});

describe("a key", () => {
  const key = "0123456789abcdef0123456789abcdef";
  const labels = ({ label }: { label: (i: number) => number }) => Array.from({ length: 200 }, (_, i) => label(i));

  it("draws other examples of the same kind, of which seeds and other keys tell nothing", () => {
    const sets = [{}, { key }, { key: `${key}0` }, { key, seed: 1 }].map((options) => glyphs(options));
    expect(new Set(sets.map(({ checksum }) => checksum)).size).toBe(4);
    expect(new Set(sets.flatMap(({ train, test }) => [labels(train).join(), labels(test).join()])).size).toBe(8);
    const { train } = glyphs({ key });
    const counts = Array.from({ length: 10 }, () => 0);
    for (let i = 0; i < 20_000; i++) counts[train.label(i)]++;
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(4 * Math.sqrt(20_000 * 0.1 * 0.9));
    let ink = 0;
    for (let i = 0; i < 500; i++)
      ink += Array.from(train.input(i)).reduce((sum, value) => sum + value, 0) / 255 / 784 / 500;
    expect(ink).toBeGreaterThan(0.09);
    expect(ink).toBeLessThan(0.15);
  });

  it("conforms as the data set without one does", async () => {
    await checkDataset(plugin, { options: { train: 300, test: 100, key } });
  });

  it("leaves everything as it was where there is none, the identity of runs included", async () => {
    expect(glyphs({ key: "" }).checksum).toBe(whole.checksum);
    const place = { folder: ".", version: () => "" };
    const resolved = async (options: object) =>
      (await plugin.resolveOptions?.({ train: 1, test: 1, seed: 0, key: "", ...options }, place))?.options;
    expect(await resolved({})).toEqual({ train: 1, test: 1, seed: 0 });
    expect(await resolved({ key })).toEqual({ train: 1, test: 1, seed: 0, key });
  });

  it("is refused where it could be guessed, and not repeated", () => {
    expect(() => glyphs({ key: "swordfish" })).toThrow(/^key must have at least 32 characters, or none, but has 9\.$/);
  });
});
