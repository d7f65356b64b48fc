import { writeFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type RunSpec, createCell } from "@everlearn/composition";
import { plan, resolvePlugin } from "@everlearn/host";
import { readSpecs } from "@everlearn/records";
import { runCell } from "@everlearn/runner";
import { describe, expect, it } from "vitest";
import { tiny } from "../plugins/dataset-cifar100/test/tiny.js";
import { scratch } from "./scratch.js";
import { root } from "./workspace.js";

const file = join(root, "benchmarks/suites/la-maml-2020/cifar100.json");
const specs = await readSpecs(file);
const names = specs.map(({ name }) => name);

const hasTfjs = await resolvePlugin("network", "tfjs", [root]).then(
  () => true,
  () => false,
);
const why = hasTfjs ? "" : " (skipped: the network plugin tfjs cannot be loaded here)";
if (!hasTfjs) console.warn("la-maml-2020: plans with the suite's own network are skipped, as tfjs cannot be loaded.");

/** A module whose data set is CIFAR-100 with two training examples of each class and one for test, from a real archive. */
async function tinyCifar100(folder: string): Promise<string> {
  const { bytes, described } = tiny(200);
  await mkdir(join(folder, described.name));
  await writeFile(join(folder, described.name, described.file), bytes);
  const downloads = pathToFileURL(join(root, "packages/downloads/dist/index.js")).href;
  writeFileSync(
    join(folder, "tiny.mjs"),
    `import { loadRecords } from ${JSON.stringify(downloads)};
export default {
  kind: "dataset",
  name: "tiny-cifar100",
  contract: 2,
  description: "CIFAR-100 with few examples.",
  options: {},
  create: (_, { folder }) => loadRecords(${JSON.stringify(described)}, "fine", { folder }),
};
`,
  );
  return "./tiny.mjs";
}

/** A run of the suite on the small archive, with all of its examples. */
async function small(spec: RunSpec, folder: string, network: NonNullable<RunSpec["network"]>): Promise<RunSpec> {
  const use = await tinyCifar100(folder);
  return { ...spec, dataset: { use }, stream: { ...spec.stream, examplesPerTask: 0 }, network };
}

const mlp = { use: "mlp", hidden: [20] };

describe("the suite la-maml-2020", () => {
  it("has the published streams and memories", () => {
    expect(names).toEqual(["er", "mer", "agem", "gem", "c-maml", "la-maml"].map((name) => `${name}-cifar100`));
    for (const { dataset, stream, scenario, network, batchSize, buffer, seeds } of specs) {
      expect(dataset).toEqual({ use: "cifar100" });
      expect(stream).toEqual({ use: "split", classesPerTask: 5, examplesPerTask: 0.9 * 2500 });
      expect([scenario.use, network?.use, batchSize, buffer?.capacity, seeds.length]).toEqual([
        "task-il",
        "tfjs",
        10,
        200,
        10,
      ]);
    }
  });

  it.each(names)("%s can be planned: every option is one that its plugin takes", async (name) => {
    const folder = scratch();
    const spec = await small(specs[names.indexOf(name)], folder, mlp);
    const { dataset, parts } = await plan(spec, { from: [folder, root], folder });
    expect(dataset).toMatchObject({ shape: [32, 32, 3], classes: 100 });
    expect(parts.learner.plugin.name).toBe(name.replace("-cifar100", ""));
  });

  it.skipIf(!hasTfjs)(`has a network that can be planned${why}`, async () => {
    const folder = scratch();
    const spec = await small(specs[0], folder, specs[0].network ?? mlp);
    await expect(plan(spec, { from: [folder, root], folder })).resolves.toMatchObject({ specId: expect.any(String) });
  });

  it("runs, on a small archive with a small network: 20 tasks of five classes, masked to them", async () => {
    const folder = scratch();
    const spec = await small(specs[names.indexOf("la-maml-cifar100")], folder, mlp);
    const cell = await createCell(await plan(spec, { from: [folder, root], folder }), 0);
    const { accuracy, metrics, examples } = await runCell(cell, { directory: join(folder, "run") });
    await cell.dispose();
    expect(examples).toBe(200);
    expect([accuracy.length, accuracy[0].length]).toEqual([20, 20]);
    for (const value of accuracy.flat()) expect([0, 0.2, 0.4, 0.6, 0.8, 1]).toContain(value); // of five test examples each
    expect(metrics.retainedAccuracy).toBeGreaterThan(0);
  });
});
