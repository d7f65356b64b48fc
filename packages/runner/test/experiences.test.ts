import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Example, type IntermediateEvaluation, type Metric, RunError, StoppedError } from "@everlearn/contracts";
import { describe, expect, it } from "vitest";
import { toyCell, type ToyOptions } from "../../loop/test/cell.js";
import { journalOf, lasting, milestones, temporary, timeless } from "../../records/test/folder.js";
import { runCell } from "../src/index.js";

const nothing = () => {};

/** Accuracies on all tasks after every so many examples, by the plainest loop. */
function plainly(options: ToyOptions): { after: number[][]; ends: number[] } {
  const { stream, scenario, learner } = toyCell(options);
  const accuracies = () =>
    Array.from({ length: stream.tasks }, (_, task) => {
      const test = stream.test(task);
      let right = 0;
      for (let i = 0; i < test.length; i++)
        if (learner.predict([scenario.query(task, test.input(i))])[0] === scenario.answer(task, test.label(i))) right++;
      return right / test.length;
    });
  const after = [accuracies()];
  const ends: number[] = [];
  for (let experience = 0; experience < stream.experiences; experience++) {
    const source = stream.train(experience);
    for (let i = 0; i < source.length; i++) {
      learner.observe([scenario.example(source.task(i), source.input(i), source.label(i))]);
      after.push(accuracies());
    }
    if (scenario.taskLabels !== "never" && stream.boundaries) {
      learner.endTask?.();
      after[after.length - 1] = accuracies();
    }
    ends.push(after.length - 1);
  }
  return { after, ends };
}

const streams: Record<string, ToyOptions> = {
  "task after task": {},
  "tasks that come again": { order: [0, 2, 0, 1, 2], taskLabels: "training" },
  "tasks in another order": { order: [2, 0, 1] },
  "mixed tasks": { mixed: true, taskLabels: "training" },
  "one task": { tasks: 1 },
};

describe.each(Object.entries(streams))("a stream of %s", (_, options) => {
  const { after, ends } = plainly(options);
  const total = after.length - 1;
  const order = options.order ?? [0, 1, 2].slice(0, options.tasks);
  const tasksOf = options.mixed ? [[0, 1, 2]] : order.map((task) => [task]);

  it("gives R, experiences × tasks, and the tasks of each experience", async () => {
    const result = await runCell(toyCell(options), { directory: temporary() });
    expect(result.initial).toEqual(after[0]);
    expect(result.accuracy).toEqual(ends.map((n) => after[n]));
    expect(result.tasks).toEqual(tasksOf);
    const { stream } = toyCell(options);
    expect(result.classes).toEqual(Array.from({ length: stream.tasks }, (_task, task) => stream.classesOf(task)));
    expect(result).not.toHaveProperty("classNames");
    expect(result.examples).toBe(total);
    expect(result.glances).toEqual([]);
  });

  it("is evaluated within experiences, on the tasks that have come, and learns the same", async () => {
    const unseen = await runCell(toyCell(options), { directory: temporary() });
    const directory = temporary();
    const result = await runCell(toyCell({ ...options, evaluation: { every: 6 } }), { directory });
    const { stream } = toyCell(options);
    const expected: IntermediateEvaluation[] = [];
    const come = new Set<number>();
    for (let experience = 0, examples = 0; experience < stream.experiences; experience++) {
      const source = stream.train(experience);
      for (let i = 0; i < source.length; i++, examples++) {
        if (i > 0 && i % 6 === 0)
          expected.push({
            examples,
            experience,
            accuracy: after[examples].map((a, task) => (come.has(task) ? a : null)),
          });
        come.add(source.task(i));
      }
    }
    expect(result.glances).toEqual(expected);
    expect(expected.length).toBeGreaterThan(2);
    expect(result.accuracy).toEqual(unseen.accuracy);
    expect(result.digest).not.toBe(unseen.digest);
    expect([result.gradients, result.bytes]).toEqual([unseen.gradients, unseen.bytes]);
    const glances = journalOf(directory).filter(({ type }) => type === "glance");
    expect(timeless(glances)).toEqual(expected.map((one) => ({ type: "glance", time: "", ...one })));
  });

  it("goes on with the same bits, intermediate evaluations too, wherever it stopped", async () => {
    const toy: ToyOptions = { ...options, evaluation: { every: 4, examples: 5 }, batchSize: 3 };
    const whole = temporary();
    const undisturbed = await runCell(toyCell(toy), { directory: whole });
    const records = timeless(journalOf(whole));
    expect(undisturbed.glances.length).toBeGreaterThan(3);
    // Before an intermediate evaluation is due, where it is, and in the midst of these and of rows.
    const batches = [0, 3, 6, 18, 26, 38].filter((at) => at < total);
    const stops = [...batches.map((at) => ({ at, call: -1 })), ...[0, 1, 2, 5].map((call) => ({ at: -1, call }))];
    for (const [i, { at, call }] of stops.entries()) {
      const directory = temporary();
      const stop = new AbortController();
      const stopping = toyCell({
        ...toy,
        beforeObserve: (_, seen) => at >= 0 && seen >= at && stop.abort(),
        beforePredict: (_, calls) => calls === call && stop.abort(),
      });
      const first = runCell(stopping, { directory, signal: stop.signal, checkpointEvery: i % 2 });
      await expect(first).rejects.toThrow(StoppedError);
      const result = await runCell(toyCell(toy), { directory, resume: true });
      expect(lasting(result)).toEqual(lasting(undisturbed));
      expect(timeless(journalOf(directory))).toEqual(records);
    }
  });
});

describe("confusion matrices", () => {
  const evaluation = { confusion: true, tasks: "seen", every: 7 } as const;

  it("come with each row of R, whose accuracies follow from them, and change nothing else", async () => {
    const [directory, plain] = [temporary(), temporary()];
    const result = await runCell(toyCell({ evaluation }), { directory });
    const without = await runCell(toyCell({ evaluation: { ...evaluation, confusion: false } }), { directory: plain });
    const { confusion = [], ...rest } = result;
    expect(without).not.toHaveProperty("confusion");
    const same = ({ accuracy, glances, metrics, digest, gradients }: typeof rest) => ({
      ...{ accuracy, glances, metrics, digest, gradients },
    });
    expect(same(rest)).toEqual(same(without));
    const { stream, scenario } = toyCell({});
    expect(confusion.length).toBe(3);
    confusion.forEach((matrix, row) => {
      const tasks = row === 2 ? [0, 1, 2] : [0, 1, 2].slice(0, row + 1);
      const right = matrix.reduce((sum, counts, y) => sum + counts[y], 0);
      const asked = tasks.map((task) => stream.test(task).length);
      const expected = tasks.reduce((sum, task, i) => sum + (result.accuracy[row][task] ?? NaN) * asked[i], 0);
      expect(right).toBe(Math.round(expected));
      const truth = tasks.flatMap((task) =>
        Array.from({ length: stream.test(task).length }, (_, i) => scenario.answer(task, stream.test(task).label(i))),
      );
      expect(matrix.map((counts) => counts.reduce((a, b) => a + b))).toEqual(
        matrix.map((_, y) => truth.filter((one) => one === y).length),
      );
    });
    const recorded = journalOf(directory).flatMap((record) =>
      record.type === "evaluation" && record.after !== null ? [record.confusion] : [],
    );
    expect(recorded).toEqual(confusion);
  });

  it("are the same after a stop", async () => {
    const undisturbed = await runCell(toyCell({ evaluation }), { directory: temporary() });
    for (const at of [5, 25, 45]) {
      const directory = temporary();
      const stop = new AbortController();
      const stopping = toyCell({ evaluation, beforeObserve: (_, seen) => seen >= at && stop.abort() });
      await expect(runCell(stopping, { directory, signal: stop.signal })).rejects.toThrow(StoppedError);
      expect(lasting(await runCell(toyCell({ evaluation }), { directory, resume: true }))).toEqual(
        lasting(undisturbed),
      );
    }
  });

  it("reach metrics", async () => {
    const leastRecall: Metric = ({ confusion = [] }) =>
      Math.min(...(confusion.at(-1) ?? []).map((counts, y) => counts[y] / counts.reduce((a, b) => a + b)));
    const { metrics, confusion } = await runCell(toyCell({ evaluation, metrics: { leastRecall } }), {
      directory: temporary(),
    });
    expect(metrics.leastRecall).toBe(leastRecall({ confusion } as Parameters<Metric>[0]));
    expect(metrics.leastRecall).toBeLessThan(1);
  });
});

describe("a linear probe", () => {
  const evaluation = { probe: 12, every: 7 } as const;
  const options = { evaluation, order: [1, 0, 1, 2] };

  it("judges the features on the tasks that have come, and changes nothing else", async () => {
    const directory = temporary();
    const result = await runCell(toyCell(options), { directory });
    const plain = await runCell(toyCell({ ...options, evaluation: { every: 7 } }), { directory: temporary() });
    const same = ({ accuracy, glances, metrics, digest, gradients }: typeof plain) => ({
      ...{ accuracy, glances, metrics, digest, gradients },
    });
    expect(same(result)).toEqual(same(plain));
    expect(plain).not.toHaveProperty("probe");
    const known = (row: readonly (number | null)[]) => row.flatMap((value, task) => (value === null ? [] : [task]));
    expect(result.probe?.map(known)).toEqual([[1], [0, 1], [0, 1], [0, 1, 2]]);
    const recorded = journalOf(directory).flatMap((record) =>
      record.type === "evaluation" && record.after !== null ? [record.probe] : [],
    );
    expect(recorded).toEqual(result.probe);
  });

  it("is the same after a stop", async () => {
    const undisturbed = await runCell(toyCell(options), { directory: temporary() });
    for (const at of [5, 45, 75]) {
      const directory = temporary();
      const stop = new AbortController();
      const stopping = toyCell({ ...options, beforeObserve: (_, seen) => seen >= at && stop.abort() });
      await expect(runCell(stopping, { directory, signal: stop.signal })).rejects.toThrow(StoppedError);
      expect(lasting(await runCell(toyCell(options), { directory, resume: true }))).toEqual(lasting(undisturbed));
    }
  });
});

describe("intermediate evaluations", () => {
  const places = async (batchSize: number, every: number) => {
    const { glances } = await runCell(toyCell({ batchSize, evaluation: { every, examples: 2 } }), {
      directory: temporary(),
    });
    return glances.map(({ examples }) => examples);
  };

  it("come at the first batch's end at or beyond each multiple, but not at an experience's", async () => {
    expect(await places(1, 5)).toEqual([5, 10, 15, 25, 30, 35, 45, 50, 55]);
    expect(await places(3, 5)).toEqual([6, 12, 15, 26, 32, 35, 46, 52, 55]);
    expect(await places(8, 3)).toEqual([8, 16, 28, 36, 48, 56]);
    expect(await places(1, 19)).toEqual([19, 39, 59]);
    expect(await places(1, 20)).toEqual([]);
    expect(await places(64, 1)).toEqual([]);
    expect(await places(1, 0)).toEqual([]);
  });

  it("ask about so many test examples of each task", async () => {
    const asked: number[] = [];
    const beforePredict = (queries: readonly unknown[]) => void asked.push(queries.length);
    await runCell(toyCell({ evaluation: { every: 10, examples: 7 }, beforePredict }), { directory: temporary() });
    expect(asked).toEqual([96, 7, 96, 14, 96, 21, 96]);
  });

  it("are part of the journal that a lost one is written again from, in their order", async () => {
    const toy: ToyOptions = { evaluation: { every: 8 } };
    const [whole, directory] = [temporary(), temporary()];
    await runCell(toyCell(toy), { directory: whole });
    const stop = new AbortController();
    const beforeObserve = (_: unknown, seen: number) => void (seen === 50 && stop.abort());
    await expect(runCell(toyCell({ ...toy, beforeObserve }), { directory, signal: stop.signal })).rejects.toThrow(
      StoppedError,
    );
    rmSync(join(directory, "journal.jsonl"));
    await runCell(toyCell(toy), { directory, resume: true });
    expect(timeless(milestones(directory))).toEqual(timeless(milestones(whole)));
  });

  it("that fail say where", async () => {
    const answer = (queries: readonly unknown[]) => new Uint16Array(queries.length === 5 ? 4 : queries.length);
    const failing = runCell(toyCell({ evaluation: { every: 6, examples: 5 }, answer }), { directory: temporary() });
    await expect(failing).rejects.toBeInstanceOf(RunError);
    await expect(failing).rejects.toThrow(
      /^toy, seed 0, evaluation after 6 examples: The learner gave 4 answers to 5 queries\.$/,
    );
  });
});

describe('an evaluation of "seen"', () => {
  const evaluation = { tasks: "seen" } as const;

  it.each([[undefined], [[1, 2, 0]], [[0, 2, 0, 1]]])("asks about no task before its time: %j", async (order) => {
    const options: ToyOptions = order === undefined ? {} : { order };
    const tasks = order ?? [0, 1, 2];
    const whole = await runCell(toyCell(options), { directory: temporary() });
    const asked: number[] = [];
    const beforePredict = (queries: readonly unknown[]) => void asked.push(queries.length);
    const directory = temporary();
    const some = await runCell(toyCell({ ...options, evaluation, beforePredict }), { directory });
    const come = (e: number) => new Set(tasks.slice(0, e + 1));
    expect(some.accuracy).toEqual(whole.accuracy.map((row, e) => row.map((a, task) => (come(e).has(task) ? a : null))));
    expect(some.initial).toEqual([null, null, null]);
    expect(asked).toEqual(tasks.map((_, e) => 32 * come(e).size));
    expect(journalOf(directory).filter(({ type }) => type === "evaluation")).toHaveLength(tasks.length);
    const { retainedAccuracy, learningAccuracy, averageIncrementalAccuracy, backwardTransfer } = whole.metrics;
    const exact = { retainedAccuracy, learningAccuracy, averageIncrementalAccuracy, backwardTransfer };
    expect(some.metrics).toMatchObject({ ...exact, forwardTransfer: null });
  });

  it("goes on after a stop without asking sooner", async () => {
    const whole = await runCell(toyCell({ evaluation }), { directory: temporary() });
    const directory = temporary();
    const stop = new AbortController();
    const stopping = toyCell({ evaluation, beforeObserve: (_, seen) => seen === 3 && stop.abort() });
    await expect(runCell(stopping, { directory, signal: stop.signal })).rejects.toThrow(StoppedError);
    const asked: number[] = [];
    const beforePredict = (queries: readonly unknown[]) => void asked.push(queries.length);
    const { digest } = await runCell(toyCell({ evaluation, beforePredict }), { directory, resume: true });
    expect(digest).toBe(whole.digest);
    expect(asked).toEqual([32, 64, 96]);
  });

  it("needs no boundaries", async () => {
    const { accuracy } = await runCell(toyCell({ mixed: true, evaluation }), { directory: temporary() });
    expect(accuracy.at(-1)).not.toContain(null);
  });
});

describe('an evaluation of "current-and-next"', () => {
  const evaluation = { tasks: "current-and-next" } as const;

  it.each([[undefined], [[1, 2, 0]], [[0, 2, 0, 1]]])(
    "asks about these only, and gives the same values: %j",
    async (order) => {
      const options: ToyOptions = order === undefined ? {} : { order };
      const whole = await runCell(toyCell(options), { directory: temporary() });
      const asked: number[] = [];
      const beforePredict = (queries: readonly unknown[]) => void asked.push(queries.length);
      const some = await runCell(toyCell({ ...options, evaluation, beforePredict }), { directory: temporary() });
      const tasks = order ?? [0, 1, 2];
      expect(some.accuracy).toEqual(
        whole.accuracy.map((row, e) =>
          row.map((a, task) => (e === tasks.length - 1 || task === tasks[e] || task === tasks[e + 1] ? a : null)),
        ),
      );
      expect(some.initial).toEqual(whole.initial);
      expect(asked).toEqual([96, ...tasks.slice(1).map(() => 64), 96]);
      expect(some.digest).not.toBe(whole.digest);
      const { retainedAccuracy, learningAccuracy, backwardTransferAndInterference, forwardTransfer } = whole.metrics;
      const exact = { retainedAccuracy, learningAccuracy, backwardTransferAndInterference, forwardTransfer };
      expect(some.metrics).toMatchObject(exact);
      expect(some.metrics.forgettingFromPeak).toBeNull();
    },
  );

  it("is refused where tasks have no boundaries, before anything starts", async () => {
    const directory = join(temporary(), "run");
    const refused = runCell(toyCell({ mixed: true, evaluation }), { directory });
    await expect(refused).rejects.toThrow(RunError);
    await expect(refused).rejects.toThrow(/^toy: an evaluation of "current-and-next" needs a stream with boundaries/);
    expect(existsSync(directory)).toBe(false);
  });
});

describe("an experience", () => {
  it("ends for the learner where it is of one task and labels are granted", async () => {
    for (const [options, expected] of [
      [{ order: [1, 0, 1], taskLabels: "always" }, [20, 40, 60]],
      [{ mixed: true, taskLabels: "always" }, []],
      [{ order: [1, 0, 1], taskLabels: "never" }, []],
    ] as const) {
      const ends: number[] = [];
      await runCell(toyCell({ ...options, beforeEndTask: (seen) => ends.push(seen) }), { directory: temporary() });
      expect(ends).toEqual(expected);
    }
  });

  it("brings each example its own task", async () => {
    const seen: (number | undefined)[] = [];
    const beforeObserve = (batch: readonly Example[]) => void seen.push(...batch.map(({ task }) => task));
    const toy: ToyOptions = { mixed: true, taskLabels: "training", batchSize: 4, beforeObserve };
    await runCell(toyCell(toy), { directory: temporary() });
    expect(seen).toEqual(Array.from({ length: 60 }, (_, i) => i % 3));
  });

  it("is called so where it is not simply the next task", async () => {
    const beforeObserve = (_: unknown, seen: number) => {
      if (seen === 25) throw new Error("No.");
    };
    const failing = runCell(toyCell({ order: [0, 2, 1], beforeObserve }), { directory: temporary() });
    await expect(failing).rejects.toThrow("toy, seed 0, experience 1, example 5: No.");
  });
});

describe("a run's accounts", () => {
  it("say how many gradients were computed and how much was kept", async () => {
    const { gradients, bytes, metrics } = await runCell(toyCell(), { directory: temporary() });
    expect(gradients).toBe(1 + 2 + 58 * 3); // one example, and as many of two others as there are
    const theta = 4 * (5 * 17 + 4 * 6);
    expect(bytes).toBe(theta + 9 * (16 + 8) + 8); // nine examples of 16 bytes and a label; one number
    expect(metrics).toMatchObject({ exampleGradients: gradients, memoryBytes: bytes });
  });

  it("keep the most that was there at an experience's end", async () => {
    const sizes = [5, 900, 7];
    const cell = toyCell();
    let ends = 0;
    const parts = { ...cell.parts, learner: { save: () => new Uint8Array(sizes[ends++] ?? 0), load: nothing } };
    const { bytes } = await runCell({ ...cell, parts }, { directory: temporary(), checkpointEvery: 1000 });
    const { bytes: usual } = await runCell(toyCell(), { directory: temporary() });
    expect(bytes).toBe(usual - 8 + 900);
    expect(ends).toBe(3);
  });

  it("keep it over a stop", async () => {
    const sized = (size: number, more: ToyOptions = {}) => {
      const cell = toyCell(more);
      return { ...cell, parts: { ...cell.parts, learner: { save: () => new Uint8Array(size), load: nothing } } };
    };
    const directory = temporary();
    const stop = new AbortController();
    const beforeObserve = (_: unknown, seen: number) => void (seen === 30 && stop.abort());
    const first = runCell(sized(900, { beforeObserve }), { directory, signal: stop.signal });
    await expect(first).rejects.toThrow(StoppedError);
    const { bytes } = await runCell(sized(5), { directory, resume: true });
    const { bytes: usual } = await runCell(toyCell(), { directory: temporary() });
    expect(bytes).toBe(usual - 8 + 900);
  });
});

describe("the classes of a run's tasks", () => {
  it("are recorded with the names that the data set gives them, in journal and result", async () => {
    const directory = temporary();
    const classNames = ["cat", "dog", "owl", "yak"];
    const { classes, classNames: names } = await runCell({ ...toyCell(), classNames }, { directory });
    expect(names).toEqual(classNames);
    expect(journalOf(directory)[0]).toMatchObject({ type: "start", classes, classNames });
  });

  it("are left out where they are too many to list", async () => {
    const cell = toyCell();
    const stream = { ...cell.stream, classesOf: () => Array.from({ length: 4000 }, (_, c) => c) };
    expect(await runCell({ ...cell, stream }, { directory: temporary() })).not.toHaveProperty("classes");
  });
});
