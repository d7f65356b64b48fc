import { copyFileSync, existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StoppedError } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import type { Result } from "@everlearn/records";
import { beforeAll, describe, expect, it } from "vitest";
import { toyCell, type ToyOptions } from "../../loop/test/cell.js";
import { journalOf, lasting, milestones, temporary, timeless } from "../../records/test/folder.js";
import { runCell, type RunOptions } from "../src/index.js";

const total = 60;
let undisturbed: Result;
let records: object[];
beforeAll(async () => {
  const directory = mkdtempSync(join(tmpdir(), "everlearn-runner-"));
  undisturbed = await runCell(toyCell(), { directory });
  records = timeless(journalOf(directory));
  rmSync(directory, { recursive: true });
});

/** A process that is told to stop while the learner looks at its `at`-th batch. */
async function stopped(directory: string, at: number, toy: ToyOptions = {}, more: Partial<RunOptions> = {}) {
  const stop = new AbortController();
  const cell = toyCell({ ...toy, beforeObserve: (_, seen) => seen === at && stop.abort() });
  await expect(runCell(cell, { directory, ...more, signal: stop.signal })).rejects.toThrow(StoppedError);
}

/** A process that dies while the learner looks at its `at`-th example: nothing is written any more. */
async function died(directory: string, at: number, more: Partial<RunOptions> = {}) {
  const cell = toyCell({
    beforeObserve(_, seen) {
      if (seen === at) throw new Error("power failure");
    },
  });
  await expect(runCell(cell, { directory, ...more })).rejects.toThrow("power failure");
}

async function finishes(directory: string, toy: ToyOptions = {}): Promise<number> {
  let observed = 0;
  const cell = toyCell({ ...toy, beforeObserve: (batch) => (observed += batch.length) });
  const result = await runCell(cell, { directory, resume: true });
  expect(lasting(result)).toEqual(lasting(undisturbed));
  const kept = journalOf(directory).filter(({ type }) => type !== "failed");
  expect(timeless(kept)).toEqual(records);
  expect(existsSync(join(directory, "checkpoint.bin"))).toBe(false);
  return observed;
}

const draw = random(7, "stops");
const places = Array.from({ length: 25 }, () => draw.integer(total));

describe("a run that was stopped goes on with the same bits", () => {
  it.each(places)("after example %i", async (at) => {
    const directory = temporary();
    await stopped(directory, at);
    expect(await finishes(directory)).toBe(total - at - 1);
  });

  it("however often it was stopped", async () => {
    const directory = temporary();
    let left = total;
    for (const [i, step] of [0, 5, 13, 0, 1, 19, 7].entries()) {
      await stopped(directory, step, {}, { resume: i > 0 });
      left -= step + 1;
    }
    expect(await finishes(directory)).toBe(left);
  });

  it.each([19, 39, 59])("after the last example of a task, %i", async (at) => {
    const directory = temporary();
    await stopped(directory, at);
    expect(await finishes(directory)).toBe(total - at - 1);
  });

  it("between batches, of which the last is smaller", async () => {
    const whole = await runCell(toyCell({ batchSize: 3 }), { directory: temporary() });
    for (const at of [0, 18, 20, 38, 58]) {
      const directory = temporary();
      await stopped(directory, at, { batchSize: 3 });
      expect((await runCell(toyCell({ batchSize: 3 }), { directory, resume: true })).digest).toBe(whole.digest);
    }
  });

  it("ending each task once", async () => {
    const toy: ToyOptions = { taskLabels: "training" };
    const whole = await runCell(toyCell(toy), { directory: temporary() });
    expect(whole.digest).not.toBe(undisturbed.digest);
    for (const at of [18, 19, 20, 39]) {
      const directory = temporary();
      let ends = 0;
      const beforeEndTask = () => ends++;
      await stopped(directory, at, { ...toy, beforeEndTask });
      const result = await runCell(toyCell({ ...toy, beforeEndTask }), { directory, resume: true });
      expect(result.digest).toBe(whole.digest);
      expect(ends).toBe(3);
    }
  });

  it.each([0, 1, 2, 3])("during evaluation %i, which is repeated", async (which) => {
    const directory = temporary();
    const stop = new AbortController();
    const cell = toyCell({ beforePredict: (_, calls) => calls === which && stop.abort() });
    await expect(runCell(cell, { directory, signal: stop.signal })).rejects.toThrow(StoppedError);
    const evaluations = journalOf(directory).filter(({ type }) => type === "evaluation");
    expect(evaluations).toHaveLength(which);
    await finishes(directory);
  });

  it("where it was told to stop before it began", async () => {
    const directory = temporary();
    await expect(runCell(toyCell(), { directory, signal: AbortSignal.abort() })).rejects.toThrow(StoppedError);
    expect(await finishes(directory)).toBe(total);
  });

  it("with working time that adds up", async () => {
    const directory = temporary();
    const sleep = () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
    await stopped(directory, 30, { beforePredict: (_, calls) => calls === 0 && sleep() });
    const { seconds } = await runCell(toyCell(), { directory, resume: true });
    expect(seconds).toBeGreaterThan(1);
  });
});

describe("a run that died goes on", () => {
  it("after its last batch, with checkpointEvery 0", async () => {
    for (const at of [1, 7, 20, 41, 59]) {
      const directory = temporary();
      await died(directory, at, { checkpointEvery: 0 });
      expect(await finishes(directory)).toBe(total - at);
    }
  });

  it("after its last task, where a checkpoint was not due yet", async () => {
    for (const at of [0, 7, 20, 41, 59]) {
      const directory = temporary();
      await died(directory, at);
      expect(await finishes(directory)).toBe(total - 20 * Math.floor(at / 20));
    }
  });

  it("at any place between the last task and the result", async () => {
    const directory = temporary();
    await stopped(directory, 59);
    copyFileSync(join(directory, "checkpoint.bin"), join(directory, "kept"));
    await runCell(toyCell(), { directory, resume: true });
    rmSync(join(directory, "result.json"));
    renameSync(join(directory, "kept"), join(directory, "checkpoint.bin"));
    expect(await finishes(directory)).toBe(0);
  });

  it("without its journal, and is stopped again before its next checkpoint", async () => {
    const directory = temporary();
    await stopped(directory, 45);
    rmSync(join(directory, "journal.jsonl"));
    const broken = toyCell({
      beforeObserve() {
        throw new Error("power failure");
      },
    });
    await expect(runCell(broken, { directory, resume: true })).rejects.toThrow("power failure");
    const result = await runCell(toyCell(), { directory, resume: true });
    expect(result.digest).toBe(undisturbed.digest);
    expect(result.journal).toMatch(/^[0-9a-f]{16}$/);
  });

  it("without its journal, which is written again as far as the checkpoint knows", async () => {
    const directory = temporary();
    await stopped(directory, 45);
    renameSync(join(directory, "journal.jsonl"), join(directory, "moved"));
    let observed = 0;
    await runCell(toyCell({ beforeObserve: (batch) => (observed += batch.length) }), { directory, resume: true });
    expect(observed).toBe(14);
    const whole = temporary();
    await runCell(toyCell(), { directory: whole });
    expect(timeless(milestones(directory))).toEqual(timeless(milestones(whole)));
    // Those of training that came before are in the journal that was moved away.
    expect(journalOf(directory).filter(({ type }) => type === "training")).toHaveLength(14);
  });

  it("without its checkpoint, from the beginning", async () => {
    const directory = temporary();
    await stopped(directory, 45);
    rmSync(join(directory, "checkpoint.bin"));
    expect(await finishes(directory)).toBe(total);
  });
});

describe("resume", () => {
  it("alone looks at a checkpoint", async () => {
    const directory = temporary();
    await stopped(directory, 45);
    rmSync(join(directory, "journal.jsonl"));
    let observed = 0;
    await runCell(toyCell({ beforeObserve: (batch) => (observed += batch.length) }), { directory });
    expect(observed).toBe(total);
  });

  it("begins a run that is not there", async () => {
    expect(await finishes(join(temporary(), "new"))).toBe(total);
  });

  it("refuses another cell's run, and leaves it as it was", async () => {
    const directory = temporary();
    await stopped(directory, 30);
    const other = toyCell({ seed: 1 });
    await expect(runCell(other, { directory, resume: true })).rejects.toThrow(
      /^".+" belongs to a run with another spec/,
    );
    rmSync(join(directory, "checkpoint.bin"));
    await expect(runCell(other, { directory, resume: true })).rejects.toThrow(
      /journal\.jsonl" belongs to a run with another/,
    );
    await finishes(directory);
  });

  it("refuses a journal that says otherwise than the run", async () => {
    const directory = temporary();
    await stopped(directory, 30);
    const lines = journalOf(directory).map((record) =>
      JSON.stringify(record.type === "evaluation" && record.after === 0 ? { ...record, accuracy: [1, 1, 1] } : record),
    );
    writeFileSync(join(directory, "journal.jsonl"), `${lines.join("\n")}\n`); // as an earlier version wrote it
    await expect(runCell(toyCell(), { directory, resume: true })).rejects.toThrow(
      /journal\.jsonl" lacks records or checksums that it had when the checkpoint beside it was written; the journal is/,
    );
    rmSync(join(directory, "checkpoint.bin"));
    await expect(runCell(toyCell(), { directory, resume: true })).rejects.toThrow(
      /has another evaluation after experience 0/,
    );
  });
});
