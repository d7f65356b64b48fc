import { existsSync } from "node:fs";
import { join } from "node:path";
import { DivergedError, type JournalRecord } from "@everlearn/contracts";
import { describe, expect, it } from "vitest";
import { RunError, run } from "../src/index.js";
import { journalOf, type ToyOptions, temporary, timeless, toyCell } from "./cell.js";

async function failing(directory: string, toy: ToyOptions, resume = false): Promise<RunError> {
  const error: unknown = await run(toyCell(toy), { directory, resume }).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(RunError);
  return error as RunError;
}

/** Diverges at the given example of each process. */
const diverging = (at: number): ToyOptions => ({
  beforeObserve(_, seen) {
    if (seen === at) throw new DivergedError(NaN);
  },
});

describe("a run that diverges", () => {
  const message =
    "toy, seed 0, task 1, example 12: The loss became NaN: training diverged. Use a smaller learning rate, or clip the gradient.";

  it("says where, and keeps what it recorded before", async () => {
    const directory = temporary();
    const told: JournalRecord[] = [];
    const error = await failing(directory, { ...diverging(32), trackers: [{ record: (r) => void told.push(r) }] });
    expect(error.message).toBe(message);
    expect(error.diverged).toBe(true);
    const records = journalOf(directory);
    expect(records.map(({ type }) => type)).toEqual(["start", "evaluation", "evaluation", "failed"]);
    expect(records.at(-1)).toMatchObject({ type: "failed", message });
    expect(told).toEqual(records);
    expect(existsSync(join(directory, "result.json"))).toBe(false);
    const healthy = temporary();
    await run(toyCell(), { directory: healthy });
    expect(timeless(records).slice(0, 3)).toEqual(timeless(journalOf(healthy)).slice(0, 3));
  });

  it("says it again when it is resumed, and records it once", async () => {
    const directory = temporary();
    await failing(directory, diverging(32));
    const before = journalOf(directory);
    for (let i = 0; i < 2; i++) {
      const error = await failing(directory, diverging(12), true); // it resumes where task 1 begins
      expect(error.message).toBe(message);
      expect(error.diverged).toBe(true);
    }
    expect(journalOf(directory)).toEqual(before);
  });

  it("can be refused, not begun anew, without resume", async () => {
    const directory = temporary();
    await failing(directory, diverging(32));
    const error = await failing(directory, {});
    expect(error.message).toMatch(/holds a run that was not finished/);
    expect(error.diverged).toBe(false);
  });

  it("tells the place of the batch's first example", async () => {
    const error = await failing(temporary(), { ...diverging(6), batchSize: 3 });
    expect(error.message).toMatch(/^toy, seed 0, task 0, example 6: /);
  });

  it("when a task ends says that", async () => {
    const beforeEndTask = () => {
      throw new DivergedError(Infinity);
    };
    const error = await failing(temporary(), { taskLabels: "training", beforeEndTask });
    expect(error.message).toMatch(/^toy, seed 0, end of task 0: The loss became Infinity/);
    expect(error.diverged).toBe(true);
  });
});

describe("a learner that fails otherwise", () => {
  it("in training is named by its run, and not called diverged", async () => {
    const directory = temporary();
    const beforeObserve = () => {
      throw new RangeError("An example of class 5 has no ring.");
    };
    const error = await failing(directory, { beforeObserve });
    expect(error.message).toBe("toy, seed 0, task 0, example 0: An example of class 5 has no ring.");
    expect(error.diverged).toBe(false);
    expect(error.cause).toBeInstanceOf(RangeError);
    expect(journalOf(directory).at(-1)).toMatchObject({ type: "failed", message: error.message });
  });

  it("at test too", async () => {
    const directory = temporary();
    const error = await failing(directory, { answer: () => new Uint16Array(1) });
    expect(error.message).toBe("toy, seed 0, evaluation after 0 examples: The learner gave 1 answers to 96 queries.");
    expect(journalOf(directory).map(({ type }) => type)).toEqual(["start", "failed"]);
  });

  it("can be mended and resumed", async () => {
    const directory = temporary();
    await failing(directory, diverging(50));
    const result = await run(toyCell(), { directory, resume: true });
    expect(result.digest).toBe((await run(toyCell(), { directory: temporary() })).digest);
    expect(journalOf(directory).map(({ type }) => type)).toEqual([
      ...["start", "evaluation", "evaluation", "evaluation", "failed", "evaluation", "end"],
    ]);
  });
});

describe("numbers that JSON does not have", () => {
  it("are refused as a metric's answer", async () => {
    const error = await failing(temporary(), { metrics: { odd: () => NaN } });
    expect(error.message).toBe("toy, seed 0, metric odd: it is NaN; answer a finite number, or null.");
  });

  it("are divergence in θ, even after the last loss", async () => {
    const cell = toyCell();
    const broken = { ...cell, network: { ...cell.network, theta: cell.network.theta } };
    broken.network.theta.toArray = () => Float32Array.of(0, NaN);
    const error: unknown = await run(broken, { directory: temporary() }).catch((error: unknown) => error);
    expect(error).toMatchObject({ diverged: true, message: expect.stringMatching(/^toy, seed 0, the end: The loss/) });
  });
});

it("says that a folder holds another run rather than an unfinished one", async () => {
  const directory = temporary();
  await failing(directory, diverging(32));
  await expect(run(toyCell({ seed: 1 }), { directory })).rejects.toThrow(/belongs to a run with another spec/);
});
