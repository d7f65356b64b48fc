import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Example, RunError } from "@everlearn/contracts";
import { LockedError, lock, readResult } from "@everlearn/records";
import { describe, expect, it, vi } from "vitest";
import { toyCell } from "../../loop/test/cell.js";
import { deadLock, journalOf, lasting, milestones, temporary, timeless } from "../../records/test/folder.js";
import { type Progress, runCell } from "../src/index.js";

describe("run", () => {
  it("gives the same digest and records on every call", async () => {
    const [a, b] = [temporary(), temporary()];
    const first = await runCell(toyCell(), { directory: a });
    const second = await runCell(toyCell(), { directory: b });
    expect(lasting(second)).toEqual(lasting(first));
    expect(timeless(journalOf(b))).toEqual(timeless(journalOf(a)));
    const other = await runCell(toyCell({ seed: 1 }), { directory: temporary() });
    expect(other.digest).not.toBe(first.digest);
  });

  it("records a start, an evaluation before training and after each task, and an end", async () => {
    const directory = temporary();
    const cell = toyCell({ metrics: { last: ({ accuracy }) => accuracy[2][2], unknown: () => null } });
    const result = await runCell(cell, { directory });
    const evaluations = [result.initial, ...result.accuracy].map((accuracy, i) => ({
      type: "evaluation",
      time: "",
      after: i === 0 ? null : i - 1,
      examples: 20 * i,
      accuracy,
    }));
    const { name, seed, specId, cellId, spec, plugins, checksum } = cell;
    expect(timeless(milestones(directory))).toEqual([
      {
        type: "start",
        time: "",
        name,
        specId,
        cellId,
        seed,
        spec,
        plugins,
        checksum,
        tasks: [[0], [1], [2]],
        classes: [0, 1, 2].map((task) => cell.stream.classesOf(task)),
      },
      ...evaluations,
      { type: "end", time: "", metrics: result.metrics, digest: result.digest },
    ]);
    expect(result).toMatchObject({ name, seed, specId, cellId, spec, examples: 60 });
    expect(result.metrics).toMatchObject({ last: result.accuracy[2][2], unknown: null });
    expect(result.accuracy.map((row) => row.length)).toEqual([3, 3, 3]);
    expect(result.seconds).toBeGreaterThan(0);
    expect(JSON.parse(readFileSync(join(directory, "result.json"), "utf8"))).toEqual(result);
    expect(readdirSync(directory).toSorted()).toEqual(["journal.jsonl", "result.json", "weights.npy"]);
  });

  it("shows every example of the stream once, in order, in batches of the cell's size", async () => {
    const whole = toyCell();
    const expected = [0, 1, 2].flatMap((task) => {
      const source = whole.stream.train(task);
      return Array.from({ length: source.length }, (_, i) =>
        whole.scenario.example(task, source.input(i), source.label(i)),
      );
    });
    for (const [batchSize, sizes] of [
      [1, new Array(20).fill(1)],
      [3, [3, 3, 3, 3, 3, 3, 2]],
      [64, [20]],
    ] as const) {
      const batches: (readonly Example[])[] = [];
      const cell = toyCell({ batchSize, beforeObserve: (batch) => batches.push(batch) });
      await runCell(cell, { directory: temporary() });
      expect(batches.map((batch) => batch.length)).toEqual([...sizes, ...sizes, ...sizes]);
      expect(batches.flat()).toEqual(expected); // after the run: the inputs were the learner's for good
    }
  });

  it("ends tasks for the learner exactly where task labels are granted", async () => {
    for (const [taskLabels, expected] of [
      ["never", []],
      ["training", [20, 40, 60]],
      ["always", [20, 40, 60]],
    ] as const) {
      const ends: number[] = [];
      await runCell(toyCell({ taskLabels, beforeEndTask: (seen) => ends.push(seen) }), { directory: temporary() });
      expect(ends).toEqual(expected);
    }
  });

  it("learns a single task", async () => {
    const { metrics, accuracy } = await runCell(toyCell({ tasks: 1, train: 200 }), { directory: temporary() });
    expect(accuracy[0][0]).toBeGreaterThan(0.6);
    expect(metrics).toMatchObject({ forwardTransfer: null, retainedAccuracy: accuracy[0][0] });
  });

  it("reports progress that only goes forward, and ends with the end", async () => {
    let now = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => (now += 40));
    const seen: Progress[] = [];
    try {
      await runCell(toyCell(), { directory: temporary(), onProgress: (progress) => seen.push(progress) });
    } finally {
      clock.mockRestore();
    }
    expect(seen.length).toBeGreaterThan(15);
    expect(new Set(seen.map(({ phase }) => phase))).toEqual(new Set(["evaluating", "training", "finished"]));
    for (const [i, progress] of seen.entries()) {
      const { examples, experience } = seen[i - 1] ?? { examples: 0, experience: 0 };
      expect(progress).toMatchObject({ name: "toy", seed: 0, experiences: 3, unit: "task", total: 60 });
      expect(progress.examples).toBeGreaterThanOrEqual(examples);
      expect(progress.experience).toBeGreaterThanOrEqual(experience);
      expect(progress.secondsLeft ?? 0).toBeGreaterThanOrEqual(0);
      expect(progress.phase === "finished").toBe(i === seen.length - 1);
    }
    expect(seen[0]).toMatchObject({ phase: "evaluating", secondsLeft: null, accuracy: null, examplesPerSecond: 0 });
    expect(seen.at(-1)).toMatchObject({ experience: 2, examples: 60, secondsLeft: 0 });
  });

  it("makes the folders that are missing", async () => {
    const directory = join(temporary(), "deep", "down");
    await runCell(toyCell(), { directory });
    expect(existsSync(join(directory, "result.json"))).toBe(true);
  });
});

describe("the lock of a folder", () => {
  it("is respected by runs, and let go of after them", async () => {
    const directory = temporary();
    const release = lock(directory);
    await expect(runCell(toyCell(), { directory })).rejects.toThrow(LockedError);
    expect(readdirSync(directory)).toHaveLength(1);
    release();
    const failing = toyCell({ beforeObserve: () => expect.unreachable() });
    await expect(runCell(failing, { directory })).rejects.toThrow(RunError);
    expect(readdirSync(directory)).toEqual(["journal.jsonl"]);
    await runCell(toyCell(), { directory, resume: true });
    expect(readdirSync(directory).toSorted()).toEqual(["journal.jsonl", "result.json", "weights.npy"]);
    const again = lock(directory);
    await runCell(toyCell(), { directory }); // what is finished is only read
    again();
  });
});

describe("a folder", () => {
  it("with a finished run answers its result and trains nothing", async () => {
    const directory = temporary();
    const result = await runCell(toyCell(), { directory });
    const before = statSync(join(directory, "journal.jsonl")).mtimeMs;
    for (const name of ["checkpoint.bin", deadLock()]) writeFileSync(join(directory, name), "left by a crash");
    const idle = toyCell({
      beforeObserve: () => expect.unreachable("It trains."),
      beforePredict: () => expect.unreachable("It evaluates."),
    });
    for (const resume of [false, true]) expect(await runCell(idle, { directory, resume })).toEqual(result);
    expect(readResult(directory, idle)).toEqual(result);
    expect(statSync(join(directory, "journal.jsonl")).mtimeMs).toBe(before);
    expect(readdirSync(directory).toSorted()).toEqual(["journal.jsonl", "result.json", "weights.npy"]);
  });

  it("with another cell's finished run is refused", async () => {
    const directory = temporary();
    await runCell(toyCell(), { directory });
    const before = readdirSync(directory).map((name) => readFileSync(join(directory, name)));
    for (const other of [toyCell({ seed: 1 }), toyCell({ spec: "another" })])
      for (const resume of [false, true])
        await expect(runCell(other, { directory, resume })).rejects.toThrow(
          /^".+result\.json" belongs to a run with another spec, seed, data set or plugin version; choose another folder/,
        );
    expect(readdirSync(directory).map((name) => readFileSync(join(directory, name)))).toEqual(before);
  });

  it("with an unfinished run is refused without resume", async () => {
    const directory = temporary();
    writeFileSync(join(directory, "journal.jsonl"), "");
    const refused = runCell(toyCell(), { directory });
    await expect(refused).rejects.toThrow(RunError);
    await expect(refused).rejects.toThrow(/^".+" holds a run that was not finished; go on with --resume, or choose/);
    expect(readdirSync(directory)).toEqual(["journal.jsonl"]);
  });

  it.each(["{", "null", "17", "[]", '{"cellId":null}'])("with a damaged result is refused: %s", async (text) => {
    const directory = temporary();
    writeFileSync(join(directory, "result.json"), text);
    await expect(runCell(toyCell(), { directory })).rejects.toThrow(RunError);
    expect(readFileSync(join(directory, "result.json"), "utf8")).toBe(text);
  });

  it("that cannot be made is named", async () => {
    const directory = temporary();
    writeFileSync(join(directory, "file"), "");
    mkdirSync(join(directory, "b", "journal.jsonl"), { recursive: true });
    await expect(runCell(toyCell(), { directory: join(directory, "file") })).rejects.toThrow(
      new RunError(
        `Cannot write "${join(directory, "file")}": a file is in the way; choose another folder with --out.`,
      ),
    );
    await expect(runCell(toyCell(), { directory: join(directory, "file", "a") })).rejects.toThrow(
      /a part of the path is a file; choose another folder with --out\.$/,
    );
    await expect(runCell(toyCell(), { directory: join(directory, "b"), resume: true })).rejects.toThrow(
      /journal\.jsonl": a folder is in the way; choose another folder with --out\.$/,
    );
  });
});
