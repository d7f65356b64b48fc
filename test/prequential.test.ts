import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createCell } from "@everlearn/composition";
import { type Learner, StoppedError } from "@everlearn/contracts";
import { plan } from "@everlearn/host";
import { runInProcess } from "@everlearn/loop";
import { type Result, runsOf } from "@everlearn/records";
import { runCell } from "@everlearn/runner";
import { describe, expect, it } from "vitest";
import { scratch } from "./scratch.js";

const planOf = (changes: object) =>
  plan(
    runsOf(
      {
        name: "before",
        dataset: { use: "glyphs", train: 300, test: 60 },
        stream: { use: "natural" },
        evaluation: { prequential: { window: 70 } },
        network: { use: "mlp", hidden: [10] },
        learner: { use: "online", alpha: 0.1 },
        ...changes,
      },
      "before.json",
    )[0],
    { from: [import.meta.dirname] },
  );

/** A cell's run, and in which order its learner was asked about examples (?) and taught them (!), by their number. */
async function watched(changes: object) {
  const cell = await createCell(await planOf(changes), 0);
  const { stream, scenario } = cell;
  const log: string[] = [];
  const asked: { answer: number; right: number }[] = [];
  const sources = Array.from({ length: stream.experiences }, (_, e) => stream.train(e));
  const all = sources.flatMap((source) =>
    Array.from({ length: source.length }, (_, i) => ({
      x: source.input(i),
      y: scenario.answer(source.task(i), source.label(i)),
    })),
  );
  const numberOf = (x: ArrayLike<number>) =>
    all.findIndex((one) => one.x.length === x.length && one.x.every((value, j) => value === x[j]));
  const learner: Learner = {
    ...cell.learner,
    observe(batch) {
      for (const { x } of batch) log.push(`!${numberOf(x)}`);
      cell.learner.observe(batch);
    },
    predict(queries) {
      const answers = cell.learner.predict(queries);
      queries.forEach(({ x }, i) => {
        const number = numberOf(x);
        if (number < 0) return; // a test example
        log.push(`?${number}`);
        asked.push({ answer: answers[i], right: all[number].y });
      });
      return answers;
    },
  };
  const outcome = runInProcess({ ...cell, learner });
  await cell.dispose();
  if (outcome.status !== "finished") throw new Error(outcome.message);
  return { outcome, log, asked, length: all.length };
}

/** Accuracy, κ and κ_m from a confusion matrix. */
function scores(asked: readonly { answer: number; right: number }[]) {
  const n = asked.length;
  const classes = Array.from({ length: 10 }, (_, c) => c);
  const share = (of: "answer" | "right", c: number) => asked.filter((one) => one[of] === c).length / n;
  const p = asked.filter(({ answer, right }) => answer === right).length / n;
  const pc = classes.reduce((sum, c) => sum + share("answer", c) * share("right", c), 0);
  const pm = Math.max(...classes.map((c) => share("right", c)));
  return { accuracy: p, kappa: (p - pc) / (1 - pc), kappaM: (p - pm) / (1 - pm) };
}

const close = (found: object, expected: object) => {
  for (const [key, value] of Object.entries(expected))
    expect(Reflect.get(found, key), key).toBeCloseTo(value as number, 12);
};

describe("a prequential evaluation", () => {
  it("asks about each example before it is taught, and counts what was answered", async () => {
    const { outcome, log, asked, length } = await watched({});
    expect(log).toEqual(Array.from({ length }, (_, i) => [`?${i}`, `!${i}`]).flat());
    const { prequential } = outcome;
    if (prequential === undefined) throw new Error("nothing was found");
    close(prequential, { examples: 300, ...scores(asked) });
    expect(prequential.accuracy).toBeGreaterThan(0.2); // guessing: 0.1
    expect(prequential.windows.map(({ examples }) => examples)).toEqual([70, 140, 210, 280]);
    for (const [i, window] of prequential.windows.entries()) close(window, scores(asked.slice(70 * i, 70 * (i + 1))));
    for (const [c, counts] of prequential.classes.entries())
      expect(counts).toEqual({
        examples: asked.filter(({ right }) => right === c).length,
        answers: asked.filter(({ answer }) => answer === c).length,
        right: asked.filter(({ answer, right }) => answer === c && right === c).length,
      });
    close(outcome.metrics, {
      prequentialAccuracy: prequential.accuracy,
      prequentialKappa: prequential.kappa as number,
      prequentialKappaM: prequential.kappaM as number,
    });
  });

  it("changes nothing of what is learned, but what is found and the run's identity", async () => {
    const [without, beside, alone] = await Promise.all(
      [{}, { prequential: {} }, { prequential: {}, tasks: "none" }].map((evaluation) => watched({ evaluation })),
    );
    expect(beside.outcome.accuracy).toEqual(without.outcome.accuracy);
    expect([beside.outcome, alone.outcome].map((outcome) => "theta" in outcome && outcome.theta)).toEqual(
      [without.outcome, without.outcome].map((outcome) => "theta" in outcome && outcome.theta),
    );
    expect(without.outcome.prequential).toBeUndefined();
    expect(Object.keys(without.outcome.metrics)).not.toContain("prequentialAccuracy");
    expect(alone.outcome.accuracy).toEqual([[null]]);
    expect(alone.outcome.metrics.retainedAccuracy).toBeNull();
    expect(new Set([without, beside, alone].map(({ outcome }) => outcome.digest)).size).toBe(3);
    const ids = await Promise.all(
      [{}, { prequential: {} }, { prequential: { delay: 1 } }, { prequential: { window: 9 } }].map(
        async (evaluation) => (await planOf({ evaluation })).specId,
      ),
    );
    expect(new Set(ids).size).toBe(4);
    expect((await planOf({ evaluation: { prequential: { window: 1000, delay: 0 } } })).specId).toBe(ids[1]);
  });

  it("tells labels later where they are delayed, and all of them at an experience's end", async () => {
    const { log } = await watched({
      evaluation: { prequential: { delay: 2 } },
      dataset: { use: "glyphs", train: 20, test: 20 },
    });
    expect(log.slice(0, 8)).toEqual(["?0", "?1", "?2", "!0", "?3", "!1", "?4", "!2"]);
    expect(log.slice(-4)).toEqual(["?19", "!17", "!18", "!19"]);
    const tasks = await watched({
      evaluation: { prequential: { delay: 100 } },
      stream: { use: "split", classesPerTask: 5 },
      dataset: { use: "glyphs", train: 40, test: 40 },
    });
    const first = tasks.log.findIndex((one) => one.startsWith("!"));
    const next = tasks.log.findIndex((one, i) => i > first && one.startsWith("?"));
    expect(next).toBe(2 * first); // the second task is asked about when the whole first one has been taught
    expect(tasks.outcome.prequential?.examples).toBe(40);
    expect(tasks.outcome.accuracy).toHaveLength(2); // beside R
  });

  it("asks about whole batches", async () => {
    const { log } = await watched({ batchSize: 3, dataset: { use: "glyphs", train: 20, test: 20 } });
    expect(log.slice(0, 9)).toEqual(["?0", "?1", "?2", "!0", "!1", "!2", "?3", "?4", "?5"]);
    expect(log.filter((one) => one.startsWith("?"))).toHaveLength(20);
  });

  it.each([0, 5])("goes on with the same bits and lines after a stop (delay %d)", async (delay) => {
    const made = await planOf({ evaluation: { tasks: "none", prequential: { window: 50, delay } } });
    const undisturbed = scratch();
    const whole = await createCell(made, 0);
    const expected: Result = await runCell(whole, { directory: undisturbed });
    await whole.dispose();

    const directory = scratch();
    const stop = new AbortController();
    const first = await createCell(made, 0);
    let batches = 0;
    const { observe } = first.learner;
    const learner: Learner = {
      ...first.learner,
      observe(batch) {
        observe(batch);
        if (++batches === 137) stop.abort();
      },
    };
    await expect(runCell({ ...first, learner }, { directory, signal: stop.signal })).rejects.toThrow(StoppedError);
    await first.dispose();
    const second = await createCell(made, 0);
    const resumed: Result = await runCell(second, { directory, resume: true });
    await second.dispose();
    expect([resumed.digest, resumed.prequential]).toEqual([expected.digest, expected.prequential]);
    const windows = (folder: string) =>
      readFileSync(join(folder, "journal.jsonl"), "utf8")
        .split("\n")
        .filter((line) => line.includes('"type":"prequential"'))
        .map((line) => {
          const { time: _, sum: __, ...rest } = JSON.parse(line) as Record<string, unknown>;
          return rest;
        });
    expect(windows(directory)).toEqual(windows(undisturbed));
    expect(windows(directory)).toHaveLength(6);
    expect(windows(directory)[2]).toEqual({ type: "prequential", experience: 0, ...resumed.prequential?.windows[2] });
  });

  it("is needed where no task is asked about", async () => {
    await expect(planOf({ evaluation: { tasks: "none" } }).then((made) => createCell(made, 0))).rejects.toThrow(
      /an evaluation of "none" of the tasks finds nothing; give "evaluation" a "prequential" one beside it/,
    );
  });
});

const path = join(process.env.EVERLEARN_DATA ?? "", "streams/elec.csv.gz");
describe.skipIf(!process.env.EVERLEARN_DATA || !existsSync(path))(
  "electricity prices of New South Wales (EVERLEARN_DATA)",
  () => {
    // By River 0.26.1, which answers nothing to the first example.
    it.each([
      ["no-change", 0.8533, 0.6998],
      ["majority-class", 0.5753, 0.0001],
    ])("%s has the prequential accuracy and Kappa of River", async (use, accuracy, kappa) => {
      const cell = await createCell(
        await planOf({
          dataset: { use: "csv", path, testFraction: 0 },
          evaluation: { tasks: "none", prequential: {} },
          network: null,
          learner: { use },
        }),
        0,
      );
      const { prequential } = runInProcess(cell);
      await cell.dispose();
      expect(Math.abs((prequential?.accuracy ?? 0) - accuracy)).toBeLessThan(0.0005);
      expect(Math.abs((prequential?.kappa ?? 0) - kappa)).toBeLessThan(0.0005);
    });

    // River's rate is 0.2: the difference of two outputs moves twice as far as each.
    it("logistic regression has River's prequential accuracy to half a point", async () => {
      const cell = await createCell(
        await planOf({
          dataset: { use: "csv", path, testFraction: 0 },
          evaluation: { tasks: "none", prequential: {} },
          network: { use: "mlp", hidden: [] },
          learner: { use: "online", alpha: 0.1 },
        }),
        0,
      );
      const { prequential } = runInProcess(cell);
      await cell.dispose();
      expect(Math.abs((prequential?.accuracy ?? 0) - 0.7979)).toBeLessThan(0.005);
    });
  },
);
