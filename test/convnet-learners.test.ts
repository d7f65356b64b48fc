// Every learner of the golden runs trains a convolutional network with batch normalisation, and goes on with the same bits.
import { join } from "node:path";
import { type Cell, createCell } from "@everlearn/composition";
import { StoppedError } from "@everlearn/contracts";
import { plan } from "@everlearn/host";
import { type Result, runsOf } from "@everlearn/records";
import { runCell, type RunOptions } from "@everlearn/runner";
import { describe, expect, it } from "vitest";
import { suite } from "./digests.mjs";
import { scratch } from "./scratch.js";
import { root } from "./workspace.js";

const network = {
  use: "convnet",
  layers: [
    { layer: "conv", filters: 5, kernel: 5, stride: 3 },
    { layer: "batch norm" },
    { layer: "relu" },
    { layer: "residual", layers: [{ layer: "conv", filters: 5, padding: 1 }, { layer: "batch norm" }] },
    { layer: "relu" },
    { layer: "global average" },
  ],
};
// Learners that have no network of their own in a run on rotations are left out.
const specs = runsOf({ ...suite, network }, join(root, "test/digests.mjs")).filter(
  (spec) => spec.network && "tasks" in spec.stream,
);
const learners = [...new Set(specs.map(({ learner }) => learner.use))];

async function run(
  learner: string,
  options: Partial<RunOptions>,
  changed = (cell: Cell): Cell => cell,
): Promise<Result> {
  const spec = specs.find((one) => one.learner.use === learner);
  if (spec === undefined) throw new Error(`No golden run has the learner ${learner}.`);
  const stream = { ...spec.stream, tasks: 2, examplesPerTask: 20, testExamples: 10 };
  const cell = await createCell(await plan({ ...spec, network, stream }, { from: [root] }), 1);
  try {
    return await runCell(changed(cell), { directory: join(scratch(), "run"), ...options });
  } finally {
    await cell.dispose();
  }
}

describe.each(learners)("%s", (learner) => {
  it("trains a network with batch normalisation, with the same bits after a stop", async () => {
    const whole = await run(learner, {});
    expect(whole.digest).toMatch(/^[0-9a-f]{64}$/);
    const directory = join(scratch(), "stopped");
    const stop = new AbortController();
    let batches = 0;
    const stopping = (cell: Cell): Cell => ({
      ...cell,
      learner: {
        ...cell.learner,
        observe(batch) {
          cell.learner.observe(batch);
          if (++batches === 3) stop.abort();
        },
      },
    });
    await expect(run(learner, { directory, signal: stop.signal }, stopping)).rejects.toThrow(StoppedError);
    expect(batches).toBeLessThan(40);
    expect((await run(learner, { directory, resume: true })).digest).toBe(whole.digest);
  });
});
