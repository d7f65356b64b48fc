// A convolutional network learns a stream of rotated digits: drawn ones, and MNIST where it is at hand.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createCell } from "@everlearn/composition";
import { plan } from "@everlearn/host";
import { readSpecs } from "@everlearn/records";
import { runCell } from "@everlearn/runner";
import { expect, it } from "vitest";
import { scratch } from "./scratch.js";
import { root } from "./workspace.js";

const suite = join(root, "benchmarks/suites/convnet-rotations");
const specs = await readSpecs(join(suite, "rotations.json"));
const folder = process.env.EVERLEARN_DATA;
const hasMnist = folder !== undefined && existsSync(join(folder, "mnist"));
if (!hasMnist) console.warn("convnet-rotations: MNIST is not tried, as EVERLEARN_DATA names no folder with mnist/.");

/** A part of the suite's stream, and the same network by TensorFlow.js. */
const part = { tasks: 3, examplesPerTask: 100, testExamples: 300 };
const byTensorFlow = { use: "tfjs", model: "./convnet.mjs", backend: "wasm" };

/** RA of a run of the suite. */
async function retained(
  label: string,
  dataset: string,
  changes: { network?: object; stream?: object } = {},
): Promise<number> {
  const spec = specs.find((one) => one.label === label);
  if (spec === undefined) throw new Error(`The suite has no run ${label}.`);
  const { network = spec.network, stream = {} } = changes;
  const changed = { ...spec, network, dataset: { use: dataset }, stream: { ...spec.stream, ...stream } };
  const cell = await createCell(await plan(changed as typeof spec, { from: [suite], folder }), 0);
  const { metrics } = await runCell(cell, { directory: join(scratch(), "run") });
  await cell.dispose();
  return metrics.retainedAccuracy!;
}

it.skipIf(!hasMnist)(
  `learns real digits, of which MER retains more than ER, and ER more than online learning${hasMnist ? "" : " (skipped: no MNIST)"}`,
  async () => {
    const [online, er, mer] = [
      await retained("online", "mnist"),
      await retained("ER", "mnist"),
      await retained("MER", "mnist"),
    ];
    expect(online).toBeGreaterThan(0.2); // guessing gives 0.1
    expect(er).toBeGreaterThan(online + 0.1);
    expect(mer).toBeGreaterThan(er);
  },
);

it.each([
  ["network-convnet", { stream: part }],
  ["network-tfjs", { stream: part, network: byTensorFlow }],
])(
  "learns drawn digits, by %s",
  async (_, changes) => {
    const [online, mer] = [await retained("online", "glyphs", changes), await retained("MER", "glyphs", changes)];
    expect(online).toBeGreaterThan(0.2);
    expect(mer).toBeGreaterThan(online);
  },
  120_000,
);
