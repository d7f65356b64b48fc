import { existsSync } from "node:fs";
import { join } from "node:path";
import { createCell } from "@everlearn/composition";
import { type Example, type Learner, StoppedError } from "@everlearn/contracts";
import { embeddings } from "@everlearn/dataset-embeddings";
import { plan } from "@everlearn/host";
import { fecam } from "@everlearn/learner-fecam";
import { ncm } from "@everlearn/learner-ncm";
import { ridge } from "@everlearn/learner-ridge";
import { slda } from "@everlearn/learner-slda";
import { runInProcess } from "@everlearn/loop";
import { runsOf } from "@everlearn/records";
import { runCell } from "@everlearn/runner";
import { describe, expect, it } from "vitest";
import { scratch } from "./scratch.js";

/** Learners on features that nobody trains, and what each needs beside its defaults to be quick. */
const learners: readonly object[] = [
  { use: "ncm" },
  { use: "slda" },
  { use: "ridge" },
  { use: "ridge", solver: "recursive" },
  { use: "ranpac", projections: 60 },
  { use: "fecam" },
];

const planOf = (learner: object) =>
  plan(
    runsOf(
      {
        name: "features",
        dataset: { use: "glyphs", train: 400, test: 200 },
        stream: { use: "split", classesPerTask: 5 },
        scenario: { use: "class-il" },
        learner,
      },
      "features.json",
    )[0],
    { from: [import.meta.dirname] },
  );

const everyLearner = learners.flatMap((learner) => [learner, { ...learner, features: "network" }]);

describe.each(everyLearner)("a run of %o", (learner) => {
  it("learns, and goes on with the same bits after a stop", async () => {
    const made = await planOf(learner);
    const undisturbed = await createCell(made, 0);
    const expected = runInProcess(undisturbed);
    await undisturbed.dispose();
    if (expected.status !== "finished") throw new Error(expected.message);
    expect(expected.metrics.retainedAccuracy).toBeGreaterThan(0.15); // guessing: 0.1
    expect(expected.metrics.exampleGradients).toBe(0);

    const directory = scratch();
    const stop = new AbortController();
    const first = await createCell(made, 0);
    let batches = 0;
    const { observe } = first.learner;
    const stopping: Learner = {
      ...first.learner,
      observe(batch) {
        observe(batch);
        if (++batches === 237) stop.abort();
      },
    };
    await expect(runCell({ ...first, learner: stopping }, { directory, signal: stop.signal })).rejects.toThrow(
      StoppedError,
    );
    await first.dispose();
    const second = await createCell(made, 0);
    expect((await runCell(second, { directory, resume: true })).digest).toBe(expected.digest);
    await second.dispose();
  });
});

const path = join(process.env.EVERLEARN_DATA ?? "", "embeddings/cifar10-efficientnet-lite0.npz");

describe.skipIf(!process.env.EVERLEARN_DATA || !existsSync(path))(
  "CIFAR-10 as features of EfficientNet-Lite0 (EVERLEARN_DATA)",
  () => {
    const given = { inputs: 1280, outputs: 10 };

    // By NumPy, from each paper's formulas in the file's order of examples.
    it.each<[string, number, () => Learner]>([
      ["nearest class mean", 0.71, () => ncm({}, given)],
      ["nearest class mean by cosine", 0.723, () => ncm({ distance: "cosine" }, given)],
      ["SLDA", 0.797, () => slda({}, given)],
      ["ridge regression at λ = 0.1", 0.79, () => ridge({}, given)],
      ["ridge regression at λ = 1000", 0.803, () => ridge({ lambda: 1000 }, given)],
      ["FeCAM", 0.786, () => fecam({}, given)],
    ])("%s has the accuracy that NumPy has, %d", async (_, accuracy, make) => {
      const { train, test } = await embeddings({ path });
      const learner = make();
      for (let i = 0; i < train.length; i += 100)
        learner.observe(
          Array.from({ length: 100 }, (_, j): Example => ({ x: train.input(i + j), y: train.label(i + j) })),
        );
      const answers = learner.predict(Array.from({ length: test.length }, (_, i) => ({ x: test.input(i) })));
      const right = answers.filter((answer, i) => answer === test.label(i)).length;
      expect(Math.abs(right / test.length - accuracy)).toBeLessThan(0.0011);
    });
  },
);
