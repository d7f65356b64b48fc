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

/** RA of a run of the suite on a part of its stream. */
async function retained(label: string, dataset: string): Promise<number> {
  const spec = specs.find((one) => one.label === label);
  if (spec === undefined) throw new Error(`The suite has no run ${label}.`);
  const stream = { ...spec.stream, tasks: 3, examplesPerTask: 100, testExamples: 300 };
  const small = { ...spec, dataset: { use: dataset }, stream };
  const cell = await createCell(await plan(small, { from: [suite], folder }), 0);
  const { metrics } = await runCell(cell, { directory: join(scratch(), "run") });
  await cell.dispose();
  return metrics.retainedAccuracy!;
}

it.skipIf(!hasMnist)(
  `learns real digits, and MER retains more than online learning${hasMnist ? "" : " (skipped: no MNIST)"}`,
  async () => {
    const [online, mer] = [await retained("online", "mnist"), await retained("MER", "mnist")];
    expect(online).toBeGreaterThan(0.2); // guessing gives 0.1
    expect(mer).toBeGreaterThan(online + 0.1);
  },
);

it("learns drawn digits", async () => {
  const [online, mer] = [await retained("online", "glyphs"), await retained("MER", "glyphs")];
  expect(online).toBeGreaterThan(0.2);
  expect(mer).toBeGreaterThan(online);
}, 120_000);
