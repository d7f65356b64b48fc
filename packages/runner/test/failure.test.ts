import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DivergedError, RunError, StoppedError } from "@everlearn/contracts";
import type { CellError } from "@everlearn/loop";
import { describe, expect, it } from "vitest";
import { toyCell, type ToyOptions } from "../../loop/test/cell.js";
import { lasting, milestones, temporary, timeless } from "../../records/test/folder.js";
import { runCell } from "../src/index.js";

async function failing(directory: string, toy: ToyOptions, resume = false): Promise<CellError> {
  const error: unknown = await runCell(toyCell(toy), { directory, resume }).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(RunError);
  return error as CellError;
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

  it("has a result that says where, with what it found before", async () => {
    const directory = temporary();
    const result = await runCell(toyCell(diverging(32)), { directory });
    const healthy = temporary();
    const whole = await runCell(toyCell(), { directory: healthy });
    expect(result).toMatchObject({ status: "diverged", message, metrics: {}, examples: 32 });
    expect(result).not.toHaveProperty("digest");
    expect(result).not.toHaveProperty("predictions");
    expect(result.accuracy).toEqual(whole.accuracy.slice(0, 1));
    expect(result.initial).toEqual(whole.initial);
    const records = milestones(directory);
    expect(records.map(({ type }) => type)).toEqual(["start", "evaluation", "evaluation", "failed"]);
    expect(records.at(-1)).toMatchObject({ type: "failed", message });
    expect(timeless(records).slice(0, 3)).toEqual(timeless(milestones(healthy)).slice(0, 3));
    expect(readdirSync(directory).toSorted()).toEqual(["journal.jsonl", "result.json"]);
  });

  it("is not run again", async () => {
    const directory = temporary();
    const result = await runCell(toyCell(diverging(32)), { directory });
    for (const resume of [false, true]) expect(await runCell(toyCell(), { directory, resume })).toEqual(result);
  });

  it("says the same where it was stopped before, and its record stands there once", async () => {
    const directory = temporary();
    const stop = new AbortController();
    const stopping: ToyOptions = {
      beforeObserve(_, seen) {
        if (seen === 25) stop.abort();
      },
    };
    await expect(runCell(toyCell(stopping), { directory, signal: stop.signal })).rejects.toThrow(StoppedError);
    const result = await runCell(toyCell(diverging(32 - 26)), { directory, resume: true }); // it goes on at example 26
    expect(lasting(result)).toEqual(lasting(await runCell(toyCell(diverging(32)), { directory: temporary() })));
    rmSync(join(directory, "result.json")); // a crash came between the record and the result
    expect((await runCell(toyCell(diverging(32)), { directory, resume: true })).message).toBe(message);
    expect(milestones(directory).filter(({ type }) => type === "failed")).toHaveLength(1);
  });

  it("tells the place of the batch's first example", async () => {
    const { message } = await runCell(toyCell({ ...diverging(6), batchSize: 3 }), { directory: temporary() });
    expect(message).toMatch(/^toy, seed 0, task 0, example 6: /);
  });

  it("when a task ends says that", async () => {
    const beforeEndTask = () => {
      throw new DivergedError(Infinity);
    };
    const result = await runCell(toyCell({ taskLabels: "training", beforeEndTask }), { directory: temporary() });
    expect(result.status).toBe("diverged");
    expect(result.message).toMatch(/^toy, seed 0, end of task 0: The loss became Infinity/);
  });
});

describe("a run beyond its suite's budget", () => {
  // Three gradients an example: its own, and two replayed.
  it("of gradients ends with the first batch that is too much", async () => {
    const budget = { gradientsPerExample: 1.49 }; // of 60 examples: 89.4 gradients
    const result = await runCell(toyCell({ budget }), { directory: temporary() });
    expect(result).toMatchObject({ status: "over-budget", gradients: 90, examples: 30 });
    expect(result.message).toMatch(
      /^toy, seed 0, task 1, example 10: It used 90 gradients, of which the suite's budget grants 89\.4;/,
    );
  });

  it("of bytes ends with the first task after which it keeps too much", async () => {
    const whole = await runCell(toyCell({ budget: { gradientsPerExample: 3, bytes: 1e9 } }), {
      directory: temporary(),
    });
    expect(whole.status).toBe("finished");
    const budget = { bytes: whole.bytes - 1 };
    const result = await runCell(toyCell({ budget }), { directory: temporary() });
    expect(result).toMatchObject({ status: "over-budget", bytes: whole.bytes });
    expect(result.message).toMatch(/^toy, seed 0, task \d: It used [\d,]+ bytes of state/);
    expect(await runCell(toyCell({ budget: { bytes: whole.bytes } }), { directory: temporary() })).toMatchObject({
      status: "finished",
      digest: whole.digest,
    });
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
    expect(error.status).toBeUndefined();
    expect(error.cause).toBeInstanceOf(RangeError);
    expect(milestones(directory).at(-1)).toMatchObject({ type: "failed", message: error.message });
  });

  it("at test too", async () => {
    const directory = temporary();
    const error = await failing(directory, { answer: () => new Uint16Array(1) });
    expect(error.message).toBe("toy, seed 0, evaluation after 0 examples: The learner gave 1 answers to 96 queries.");
    expect(milestones(directory).map(({ type }) => type)).toEqual(["start", "failed"]);
  });

  it("can be mended and resumed", async () => {
    const directory = temporary();
    const beforeObserve: ToyOptions["beforeObserve"] = (_, seen) => {
      if (seen === 50) throw new RangeError("An example of class 5 has no ring.");
    };
    await failing(directory, { beforeObserve });
    const unfinished = await failing(directory, {});
    expect(unfinished.message).toMatch(/holds a run that was not finished/);
    const result = await runCell(toyCell(), { directory, resume: true });
    expect(result.digest).toBe((await runCell(toyCell(), { directory: temporary() })).digest);
    expect(milestones(directory).map(({ type }) => type)).toEqual([
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
    const result = await runCell(broken, { directory: temporary() });
    expect(result).toMatchObject({
      status: "diverged",
      message: expect.stringMatching(/^toy, seed 0, the end: The loss/),
    });
  });
});

it("says that a folder holds another run rather than an unfinished one", async () => {
  const directory = temporary();
  await runCell(toyCell(diverging(32)), { directory });
  await expect(runCell(toyCell({ seed: 1 }), { directory })).rejects.toThrow(/belongs to a run with another spec/);
});

it("a task without test examples is refused before anything is written", async () => {
  const directory = join(temporary(), "seed-0");
  const cell = toyCell();
  const stream = { ...cell.stream, test: (task: number) => ({ ...cell.stream.test(task), length: 0 }) };
  for (const resume of [false, true])
    await expect(runCell({ ...cell, stream }, { directory, resume })).rejects.toThrow(/^Task 0 has no test examples/);
  expect(existsSync(directory)).toBe(false);
});
