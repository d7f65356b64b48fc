import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inflateRawSync } from "node:zlib";
import { type Result, sealOf } from "@everlearn/records";
import { describe, expect, it } from "vitest";
import { toyCell, type ToyOptions } from "../../loop/test/cell.js";
import { temporary } from "../../records/test/folder.js";
import { runCell } from "../src/index.js";

async function resultOf(toy: ToyOptions = {}): Promise<Result> {
  const directory = temporary();
  const result = await runCell(toyCell(toy), { directory });
  expect(JSON.parse(readFileSync(join(directory, "result.json"), "utf8"))).toEqual(result);
  return result;
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

describe("a result's answers", () => {
  it("are those of the last evaluation, task by task", async () => {
    const answer: ToyOptions["answer"] = (queries) => Uint16Array.from(queries, ({ x }) => x[0] % 2);
    const { predictions, accuracy } = await resultOf({ answer });
    const cell = toyCell();
    const tests = [0, 1, 2].map((task) => cell.stream.test(task));
    const expected = tests.flatMap((test) => Array.from({ length: test.length }, (_, i) => test.input(i)[0] % 2));
    const bytes = inflateRawSync(Buffer.from(predictions?.deflated ?? "", "base64"));
    expect([...new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2)]).toEqual(expected);
    expect(predictions).toMatchObject({ count: expected.length, sha256: sha256(bytes) });
    const right = tests[2].length * (accuracy[2][2] ?? 0);
    const count = expected.slice(-tests[2].length).filter((a, i) => a === cell.scenario.answer(2, tests[2].label(i)));
    expect(count).toHaveLength(Math.round(right));
  });
});

describe("the seal", () => {
  it("is the same for a receipt without the answers themselves", async () => {
    const result = await resultOf();
    expect(sealOf({ ...result })).toBe(result.seal);
    const { deflated: _, ...compact } = result.predictions ?? { count: 0, sha256: "" };
    expect(sealOf({ ...result, predictions: compact })).toBe(result.seal);
  });

  it("is another for whatever else is changed", async () => {
    const result = await resultOf();
    const { seal, predictions, ...fields } = result;
    for (const key of Object.keys(fields)) expect(sealOf({ ...result, [key]: "changed" }), key).not.toBe(seal);
    for (const key of ["count", "sha256"])
      expect(sealOf({ ...result, predictions: { ...predictions, [key]: 1 } }), key).not.toBe(seal);
    expect(sealOf({ ...result, note: "hello" })).not.toBe(seal);
  });

  it("can be made of a metric that is −0", async () => {
    const result = await resultOf({ metrics: { zero: () => -0 } });
    expect(Object.is(result.metrics.zero, 0)).toBe(true);
    expect(sealOf({ ...result })).toBe(result.seal);
  });
});

describe("the account of task labels", () => {
  it("is nothing where none are granted", async () => {
    expect((await resultOf()).taskLabels).toEqual({ training: 0, test: 0, boundaries: 0 });
  });

  it("counts examples and the ends of tasks", async () => {
    const { taskLabels } = await resultOf({ taskLabels: "training" });
    expect(taskLabels).toEqual({ training: 60, test: 0, boundaries: 3 });
  });

  it("counts questions, those before training and of each intermediate evaluation among them", async () => {
    const evaluation = { every: 15, examples: 4 }; // each task's 20 examples have one intermediate evaluation in them
    const { taskLabels } = await resultOf({ taskLabels: "always", evaluation });
    expect(taskLabels).toEqual({ training: 60, test: 4 * 96 + 4 * (1 + 2 + 3), boundaries: 3 });
  });

  it("goes on where a run was stopped", async () => {
    const directory = temporary();
    const toy: ToyOptions = { taskLabels: "always" };
    for (const at of [7, 20, 5]) {
      const stop = new AbortController();
      const beforeObserve = (_: unknown, seen: number) => {
        if (seen === at) stop.abort();
      };
      await runCell(toyCell({ ...toy, beforeObserve }), { directory, resume: true, signal: stop.signal }).catch(
        () => {},
      );
    }
    const { taskLabels } = await runCell(toyCell(toy), { directory, resume: true });
    expect(taskLabels).toEqual((await resultOf(toy)).taskLabels);
  });
});

it("knows what guessing would score, and the commit that it is told", async () => {
  const cell = toyCell();
  const { chance } = await resultOf();
  const sizes = [0, 1, 2].map((task) => cell.scenario.query(task, cell.stream.test(task).input(0)).outputs?.length);
  expect(chance).toBeCloseTo(sizes.reduce<number>((sum, n) => sum + 1 / (n ?? cell.scenario.outputs), 0) / 3, 15);
  const result = await runCell(toyCell(), { directory: temporary(), commit: "abc" });
  expect(result.commit).toBe("abc");
  expect(await resultOf()).not.toHaveProperty("commit");
});
