import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createCell } from "@everlearn/composition";
import { plan } from "@everlearn/host";
import { runCell } from "@everlearn/runner";
import { type Result, runsOf } from "../src/index.js";

/** Where the plugins are found that come with the command. */
const from: readonly string[] = [fileURLToPath(new URL("../../cli", import.meta.url))];

/** A run that takes a tenth of a second. */
const small = {
  name: "small",
  dataset: { use: "glyphs", train: 400, test: 100 },
  stream: { use: "rotated", tasks: 3, examplesPerTask: 30 },
  network: { use: "mlp", hidden: [8] },
  learner: { use: "er", alpha: 0.05, k: 3 },
  buffer: { use: "reservoir", capacity: 20 },
};

/** Runs the small run, changed, into OUT/<name>/seed-<n>. @returns its result, as it is written there */
export async function ran(out: string, changes: object = {}, seed = 0): Promise<Result> {
  const planned = await plan(runsOf({ ...small, ...changes }, "spec.json")[0], { from });
  const cell = await createCell(planned, seed);
  try {
    return await runCell(cell, { directory: join(out, planned.spec.name, `seed-${seed}`) });
  } finally {
    await cell.dispose();
  }
}
