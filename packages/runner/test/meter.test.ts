import { readFileSync } from "node:fs";
import { join } from "node:path";
import { StoppedError } from "@everlearn/contracts";
import { npy } from "@everlearn/formats";
import { describe, expect, it } from "vitest";
import { toyCell, type ToyOptions } from "../../loop/test/cell.js";
import { journalOf, temporary, timeless } from "../../records/test/folder.js";
import { runCell } from "../src/index.js";
import { createMeter } from "../src/meter.js";

describe("a meter", () => {
  it("tells the mean loss and the speed since it last did, two hundred times a run", () => {
    const meter = createMeter(1000);
    const told = Array.from({ length: 1000 }, (_, i) => meter.trained(1, i + 1, 0.001, i % 2 === 0 ? i : undefined));
    const records = told.filter((record) => record !== undefined);
    expect(records.map(({ examples }) => examples)).toEqual(Array.from({ length: 200 }, (_, i) => 5 * (i + 1)));
    expect(records[0].loss).toBe((0 + 2 + 4) / 3);
    expect(records[1].loss).toBe((6 + 8) / 2);
    expect(records[1].examplesPerSecond).toBeCloseTo(1000, 6);
  });

  it("tells once for a batch, however large, and nothing of a loss that nobody computed", () => {
    const meter = createMeter(400);
    expect(meter.trained(7, 7, 0.5, undefined)).toEqual({
      type: "training",
      examples: 7,
      loss: null,
      examplesPerSecond: 14,
    });
    expect(createMeter(10).trained(1, 1, 0, 1)).toMatchObject({ examplesPerSecond: 0 });
  });

  it.each([NaN, Infinity, -Infinity])("tells %d as a string", (loss) => {
    expect(createMeter(10).trained(1, 1, 1, loss)).toMatchObject({ loss: String(loss) });
    expect(createMeter(10, { sum: loss, batches: 3 }).trained(1, 1, 1, undefined)).toMatchObject({
      loss: String(loss),
    });
  });
});

describe("records of training", () => {
  const toy: ToyOptions = { train: 250, batchSize: 2 }; // 750 examples: one every 4, of 2 batches

  it("are in the journal in their places, and the same after a stop anywhere", async () => {
    const whole = temporary();
    const { digest } = await runCell(toyCell(toy), { directory: whole });
    const records = timeless(journalOf(whole));
    const losses = journalOf(whole).flatMap((record) => (record.type === "training" ? [record.loss] : []));
    expect(losses).toHaveLength(187);
    expect(losses.every((loss) => typeof loss === "number" && loss > 0)).toBe(true);
    for (const at of [2, 4, 250, 501, 748]) {
      const directory = temporary();
      const stop = new AbortController();
      const beforeObserve = (batch: readonly unknown[], seen: number) =>
        void (seen <= at && at < seen + batch.length && stop.abort());
      const { signal } = stop;
      await expect(runCell(toyCell({ ...toy, beforeObserve }), { directory, signal })).rejects.toThrow(StoppedError);
      expect((await runCell(toyCell(toy), { directory, resume: true })).digest).toBe(digest);
      expect(timeless(journalOf(directory))).toEqual(records);
    }
  });
});

describe("the weights", () => {
  it("are θ as NumPy reads it", async () => {
    const directory = temporary();
    const cell = toyCell();
    await runCell(cell, { directory });
    const file = readFileSync(join(directory, "weights.npy"));
    const theta = cell.network.theta.toArray();
    const begin = file.length - 4 * theta.length;
    expect(file.toString("latin1", 0, 8)).toBe("\x93NUMPY\x01\x00");
    expect(begin % 64).toBe(0);
    expect(file.readUInt16LE(8)).toBe(begin - 10);
    expect(file.toString("latin1", 10, begin)).toMatch(
      new RegExp(`^\\{'descr': '<f4', 'fortran_order': False, 'shape': \\(${theta.length},\\), \\} *\n$`),
    );
    expect(Array.from(theta, (_, i) => file.readFloatLE(begin + 4 * i))).toEqual([...theta]);
  });

  it("begin at a multiple of 64 bytes, whatever their number", () => {
    for (const length of [0, 1, 9, 10, 99_999, 100_000, 1_234_567])
      expect((npy(new Float32Array(length)).length - 4 * length) % 64).toBe(0);
  });
});
