// A run's augmentation: where it applies, that it goes on with the same bits, and what becomes of runs without.
import { join } from "node:path";
import { type Cell, createCell } from "@everlearn/composition";
import { type Example, type Input, type Query, StoppedError } from "@everlearn/contracts";
import { plan } from "@everlearn/host";
import { runsOf } from "@everlearn/records";
import { runCell, type RunOptions } from "@everlearn/runner";
import { describe, expect, it } from "vitest";
import { scratch } from "./scratch.js";
import { root } from "./workspace.js";

const crop = { use: "random-crop", padding: 3 };
const flip = { use: "horizontal-flip" };
const jitter = { use: "color-jitter", brightness: 0.4, contrast: 0.4 };
const normalize = { use: "normalize", mean: [0.2], std: [0.3] };
const small = {
  name: "augmented",
  dataset: { use: "glyphs", train: 160, test: 60 },
  stream: { use: "rotated", tasks: 2, examplesPerTask: 40, testExamples: 20 },
  network: { use: "mlp", hidden: [20] },
  learner: { use: "er", alpha: 0.1, k: 6 },
  buffer: { use: "reservoir", capacity: 30 },
};
const planOf = (changes: object) =>
  plan(runsOf({ ...small, ...changes }, join(root, "spec.json"))[0], { from: [root] });

async function run(changes: object, options: Partial<RunOptions> = {}, changed = (cell: Cell): Cell => cell) {
  const cell = await createCell(await planOf(changes), 1);
  try {
    return await runCell(changed(cell), { directory: join(scratch(), "run"), ...options });
  } finally {
    await cell.dispose();
  }
}

/** What becomes of a run that is stopped after some batches and goes on in a new cell. */
async function resumed(changes: object, after: number) {
  const directory = join(scratch(), "stopped");
  const stop = new AbortController();
  let batches = 0;
  const stopping = (cell: Cell): Cell => ({
    ...cell,
    learner: {
      ...cell.learner,
      observe(batch) {
        cell.learner.observe(batch);
        if (++batches === after) stop.abort();
      },
    },
  });
  await expect(run(changes, { directory, signal: stop.signal }, stopping)).rejects.toThrow(StoppedError);
  return run(changes, { directory, resume: true });
}

describe("a run with augmentation", () => {
  it.each([
    ["a crop and a flip", { augmentation: [crop, flip] }],
    ["a jitter between a crop and a normalisation", { augmentation: [crop, jitter, normalize] }],
    ["a normalisation alone", { augmentation: [normalize] }],
    [
      "a learner that keeps logits",
      { learner: { use: "der", rate: 0.05, alpha: 0.5, replay: 5 }, augmentation: [crop, flip] },
    ],
  ])("goes on with the same bits after a stop: %s", async (_, changes) => {
    const whole = await run(changes);
    expect((await resumed(changes, 53)).digest).toBe(whole.digest);
    expect((await run({ ...changes, augmentation: [] })).digest).not.toBe(whole.digest);
  });

  it("is another run where an option, the order or a part changes, and the same where it says nothing", async () => {
    const variants = [
      undefined,
      [crop],
      [{ ...crop, padding: 2 }],
      [flip],
      [{ ...flip, probability: 0.4 }],
      [crop, flip],
      [flip, crop],
      [crop, flip, normalize],
    ];
    const ids = await Promise.all(
      variants.map(async (augmentation) => (await planOf(augmentation ? { augmentation } : {})).specId),
    );
    expect(new Set(ids).size).toBe(variants.length);
    for (const nothing of [[], null]) {
      const same = await planOf({ augmentation: nothing });
      expect(same.specId).toBe(ids[0]);
      expect(same.spec).not.toHaveProperty("augmentation");
    }
    expect((await planOf({ augmentation: [{ use: "@everlearn/augmentation-random-crop", padding: 3 }] })).specId).toBe(
      ids[1],
    );
  });

  it("shows a learner views, and its buffer originals", async () => {
    const cell = await createCell(await planOf({ augmentation: [crop, flip] }), 1);
    const examples = Array.from({ length: 20 }, (_, i): Example => ({ x: cell.stream.train(0).input(i), y: 0 }));
    for (const example of examples) cell.learner.observe([example]);
    const held = cell.buffer?.all() ?? [];
    expect(held.map(({ x }) => examples.findIndex((one) => one.x === x))).toEqual(examples.map((_, i) => i));
    await cell.dispose();
  });

  it.each([
    ["not shifted", [crop, flip], (x: Input) => x],
    ["normalised and not shifted", [crop, normalize], (x: Input) => Float32Array.from(x, (b) => (b / 255 - 0.2) / 0.3)],
  ])("sees queries %s", async (_, augmentation, seen) => {
    const cell = await createCell(await planOf({ augmentation }), 1);
    const queries = Array.from({ length: 20 }, (__, i): Query => ({ x: cell.stream.test(0).input(i) }));
    const expected = cell.network?.predict(queries.map(({ x }) => ({ x: seen(x) })));
    for (let i = 0; i < 5; i++) expect(cell.learner.predict(queries)).toEqual(expected);
    expect(new Set(expected).size).toBeGreaterThan(1);
    await cell.dispose();
  });

  it.each([
    [
      { augmentation: [{ use: "random-crop", padding: 28 }] },
      /padding = 28 could cut out nothing but the border of images of 28 × 28 pixels; use padding ≤ 27/,
    ],
    [{ augmentation: [{ use: "random-crop", padding: -1 }] }, /\/augmentation\/0\/padding must be ≥ 0, but is -1\./],
    [
      { augmentation: [crop, { ...normalize, mean: [0.1, 0.2, 0.3] }] },
      /augmentation "normalize": mean has 3 values, but inputs of shape \[28, 28, 1\] have 1 channel/,
    ],
    [
      { augmentation: [{ use: "color-jitter", hue: 0.6 }] },
      /\/augmentation\/0\/hue must be ≥ 0 and ≤ 0\.5, but is 0\.6\./,
    ],
    [{ augmentation: [{ use: "no-such" }] }, /\/augmentation\/0\/use: .*no-such/],
    [{ augmentation: crop }, /\/augmentation must be a list of plugins/],
  ])("is refused where it cannot be: %j", async (changes, sentence) => {
    await expect((async () => planOf(changes))()).rejects.toThrow(sentence);
  });
});
