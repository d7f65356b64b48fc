import { createHash } from "node:crypto";
import { readFileSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { serialize } from "node:v8";
import { RunError, type State } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import { type Checkpoint, readCheckpoint, writeCheckpoint } from "../src/index.js";
import { temporary } from "./folder.js";

const shared = { x: Uint8Array.of(1, 2), y: 3 };
const states: Record<string, State> = {
  nothing: null,
  booleans: [true, false],
  numbers: [0, -0, 1.5, NaN, Infinity, -Infinity, Number.MAX_SAFE_INTEGER, 5e-324],
  strings: ["", "größer ∞ \u0000 \ud800", "x".repeat(10_000)],
  bytes: Uint8Array.of(0, 255),
  uint16: Uint16Array.of(0, 65_535),
  uint32: Uint32Array.of(0, 4_294_967_295),
  int32: Int32Array.of(-2_147_483_648, 2_147_483_647),
  float32: Float32Array.of(-0, NaN, Infinity, 1e-45, 3.25),
  float64: Float64Array.of(-0, NaN, -Infinity, 5e-324, 0.1),
  empty: [[], {}, new Float64Array(0)],
  view: new Float32Array([9, 8, 7, 6]).subarray(1, 3),
  nested: { a: [{ b: { c: Float64Array.of(1) } }], "": 1, absent: undefined },
  shared: [shared, shared],
};
const loop = {
  experience: 2,
  index: 17,
  come: [1, 0],
  accuracy: [
    [0.1, 0.2],
    [null, 0.9],
  ],
  initial: [0, 1],
  intermediate: [{ examples: 12, experience: 1, accuracy: [0.25, null] }],
  bytes: 1234,
  predictions: Uint16Array.of(3, 1, 4),
  taskLabels: { training: 4, test: 0, boundaries: 1 },
};
const checkpoint: Checkpoint<typeof loop> = {
  cellId: "mine",
  loop,
  losses: { sum: 1.5, batches: 2 },
  seconds: 1.25,
  parts: states,
};

/** A folder with a checkpoint, and the checkpoint's path. */
function written() {
  const directory = temporary();
  writeCheckpoint(directory, checkpoint);
  return { directory, path: join(directory, "checkpoint.bin") };
}
const damaged =
  /^The checkpoint ".+checkpoint\.bin" is damaged; delete it and --resume starts this run from the beginning/;

describe("a checkpoint", () => {
  it("gives back every kind of state", () => {
    const read = readCheckpoint(written().directory, "mine") as Checkpoint;
    expect(read).toStrictEqual(checkpoint);
    const [first, second] = read.parts.shared as readonly object[];
    expect(first).toBe(second);
  });

  it("is not there before it is written", () => {
    expect(readCheckpoint(temporary(), "mine")).toBeUndefined();
  });

  it("is refused where any bit of it changed", () => {
    const { directory, path } = written();
    const whole = readFileSync(path);
    const draw = random(0, "damage");
    for (let i = 0; i < 200; i++) {
      const at = i < 100 ? i : draw.integer(whole.length);
      const bytes = Buffer.from(whole);
      bytes[at] ^= 1 << draw.integer(8);
      writeFileSync(path, bytes);
      expect(() => readCheckpoint(directory, "mine")).toThrow(damaged);
    }
  });

  it("is refused where its end is missing, or something follows", () => {
    const { directory, path } = written();
    const whole = readFileSync(path);
    for (const length of [0, 1, 22, 23, 87, 88, 89, whole.length - 1]) {
      writeFileSync(path, whole);
      truncateSync(path, length);
      expect(() => readCheckpoint(directory, "mine")).toThrow(damaged);
    }
    writeFileSync(path, Buffer.concat([whole, Buffer.of(0)]));
    expect(() => readCheckpoint(directory, "mine")).toThrow(damaged);
  });

  it("is refused to another run", () => {
    const { directory, path } = written();
    expect(() => readCheckpoint(directory, "other")).toThrow(
      new RunError(
        `"${path}" belongs to a run with another spec, seed, data set or plugin version; choose another folder with --out.`,
      ),
    );
  });

  it("is refused, with the reason, where a later Node wrote it", () => {
    const { directory, path } = written();
    const content = Buffer.of(0xff, 0xfe, 0x00);
    const sum = createHash("sha256").update("everlearn checkpoint 6 ").update(content).digest("hex");
    writeFileSync(path, Buffer.concat([Buffer.from(`everlearn checkpoint 6 ${sum}\n`), content]));
    expect(() => readCheckpoint(directory, "mine")).toThrow(
      /checkpoint\.bin" is whole, but Node v.+ cannot read it; go on/,
    );
  });

  it.each([1, 2, 3, 4])("of earlier version %i is called that, and not read", (version) => {
    const { directory, path } = written();
    const content = serialize({ cellId: "mine", task: 2, index: 17 });
    const sum = createHash("sha256").update(content).digest("hex");
    writeFileSync(path, Buffer.concat([Buffer.from(`everlearn checkpoint ${version} ${sum}\n`), content]));
    expect(() => readCheckpoint(directory, "mine")).toThrow(
      /checkpoint\.bin" is of an earlier version of everlearn; go on/,
    );
  });

  it("is replaced whole or not at all", () => {
    const { directory, path } = written();
    const at = () => readCheckpoint<typeof loop>(directory, "mine")?.loop.index;
    writeCheckpoint(directory, { ...checkpoint, loop: { ...loop, index: 18 } });
    expect(at()).toBe(18);
    symlinkSync(join(path, "nowhere"), `${path}.part`);
    expect(() => writeCheckpoint(directory, { ...checkpoint, loop: { ...loop, index: 19 } })).toThrow(RunError);
    expect(at()).toBe(18);
  });
});
