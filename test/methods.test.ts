import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createCell } from "@everlearn/composition";
import { type State, StoppedError } from "@everlearn/contracts";
import { plan } from "@everlearn/host";
import { runCell } from "@everlearn/runner";
import { runInProcess } from "@everlearn/loop";
import { runsOf } from "@everlearn/records";
import { describe, expect, it } from "vitest";
import { scratch } from "./scratch.js";

// Methods that are no plugin of the repository, each in a short file; docs/can-everlearn-express-my-method.md shows them.
const folder = fileURLToPath(new URL("./methods", import.meta.url));
const reservoir = { use: "reservoir", capacity: 50 };

const methods: Readonly<Record<string, object>> = {
  "a supervised contrastive loss on features": {
    learner: { use: "./supervised-contrastive.js" },
    buffer: reservoir,
    batchSize: 4,
  },
  "an autoencoder of two networks": { learner: { use: "./autoencoder.js" }, batchSize: 4 },
  "a frozen teacher": { learner: { use: "./teacher.js" } },
  "augmentation of replayed images": {
    learner: { use: "er", alpha: 0.05, k: 4 },
    buffer: { use: "./shifted.js", of: reservoir },
  },
  "a schedule of the rate": {
    learner: { use: "online", alpha: 0.003 },
    optimizer: { use: "./cosine.js", steps: 300, of: { use: "adam" } },
  },
  "EWC in Domain-IL without task labels": { learner: { use: "ewc", alpha: 0.05, lambda: 5 } },
};

const planOf = (changes: object) =>
  plan(
    runsOf(
      {
        name: "method",
        dataset: { use: "glyphs", train: 400, test: 100 },
        stream: { use: "rotated", tasks: 3, examplesPerTask: 120, maxAngle: 90 },
        network: { use: "mlp", hidden: [20] },
        ...changes,
      },
      "method.json",
    )[0],
    { from: [folder] },
  );

describe.each(Object.entries(methods))("%s", (_, changes) => {
  it("is a fixture that learns, and goes on with the same bits after a stop", async () => {
    const made = await planOf(changes);
    const undisturbed = await createCell(made, 0);
    const expected = runInProcess(undisturbed);
    await undisturbed.dispose();
    if (expected.status !== "finished") throw new Error(expected.message);
    expect(expected.metrics.retainedAccuracy).toBeGreaterThan(0.2); // guessing: 0.1

    const directory = scratch();
    const stop = new AbortController();
    const first = await createCell(made, 0);
    let batches = 0;
    const { observe } = first.learner;
    const learner = {
      ...first.learner,
      observe(batch: Parameters<typeof observe>[0]) {
        observe(batch);
        if (++batches === 40) stop.abort();
      },
    };
    await expect(runCell({ ...first, learner }, { directory, signal: stop.signal })).rejects.toThrow(StoppedError);
    await first.dispose();
    const second = await createCell(made, 0);
    expect((await runCell(second, { directory, resume: true })).digest).toBe(expected.digest);
    await second.dispose();
  });
});

describe("parts made of others", () => {
  it("are saved link by link", async () => {
    const cell = await createCell(await planOf(methods["augmentation of replayed images"]), 0);
    expect(Object.keys(cell.parts)).toEqual(expect.arrayContaining(["buffer", "buffer/of", "random-buffer/shifted"]));
    await cell.dispose();
    const scheduled = await createCell(await planOf(methods["a schedule of the rate"]), 0);
    runInProcess(scheduled);
    const { optimizer } = scheduled.parts.network.save() as { optimizer: readonly State[] };
    expect(optimizer[0]).toBe(360);
    expect(Object.keys(optimizer[1] as object)).toContain("beta1Power");
    await scheduled.dispose();
  });

  it("are short", () => {
    for (const name of ["supervised-contrastive", "autoencoder", "teacher", "shifted", "cosine"])
      expect(readFileSync(`${folder}/${name}.js`, "utf8").split("\n").length, name).toBeLessThan(80);
  });
});
