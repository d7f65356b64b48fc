import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type RunSpec, createCell } from "@everlearn/composition";
import { plan } from "@everlearn/host";
import { readSpecs } from "@everlearn/records";
import { runCell } from "@everlearn/runner";
import { describe, expect, it } from "vitest";
import { scratch } from "./scratch.js";
import { root } from "./workspace.js";

const file = join(root, "benchmarks/suites/la-maml-2020/cifar100.json");
const specs = await readSpecs(file);
const names = specs.map(({ name }) => name);

/** A module whose data set is in CIFAR-100's shape, with two training examples of each class and one for test. */
function tinyCifar100(folder: string): string {
  writeFileSync(
    join(folder, "tiny.mjs"),
    `const examples = (length) => ({
  length,
  label: (i) => i % 100,
  input(i, into = new Uint8Array(32 * 32 * 3)) {
    for (let j = 0; j < into.length; j++) into[j] = into instanceof Uint8Array ? (i * j) % 256 : ((i * j) % 256) / 255;
    return into;
  },
});
export default {
  kind: "dataset",
  name: "tiny-cifar100",
  contract: 2,
  description: "CIFAR-100 with few examples.",
  options: {},
  create: () => ({ shape: [32, 32, 3], classes: 100, train: examples(200), test: examples(100), checksum: "0".repeat(64) }),
};
`,
  );
  return "./tiny.mjs";
}

/** A run of the suite on the small data set, with all of its examples. */
function small(spec: RunSpec, folder: string, network: NonNullable<RunSpec["network"]>): RunSpec {
  const use = tinyCifar100(folder);
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
        "convnet",
        10,
        200,
        10,
      ]);
    }
  });

  it.each(names)("%s can be planned: every option is one that its plugin takes", async (name) => {
    const folder = scratch();
    const spec = small(specs[names.indexOf(name)], folder, mlp);
    const { dataset, parts } = await plan(spec, { from: [folder, root], folder });
    expect(dataset).toMatchObject({ shape: [32, 32, 3], classes: 100 });
    expect(parts.learner.plugin.name).toBe(name.replace("-cifar100", ""));
  });

  it("has a network that can be planned", async () => {
    const folder = scratch();
    const spec = small(specs[0], folder, specs[0].network ?? mlp);
    await expect(plan(spec, { from: [folder, root], folder })).resolves.toMatchObject({ specId: expect.any(String) });
  });

  it("runs, on a small data set with a small network: 20 tasks of five classes, masked to them", async () => {
    const folder = scratch();
    const spec = small(specs[names.indexOf("la-maml-cifar100")], folder, mlp);
    const cell = await createCell(await plan(spec, { from: [folder, root], folder }), 0);
    const { accuracy, metrics, examples } = await runCell(cell, { directory: join(folder, "run") });
    await cell.dispose();
    expect(examples).toBe(200);
    expect([accuracy.length, accuracy[0].length]).toEqual([20, 20]);
    for (const value of accuracy.flat()) expect([0, 0.2, 0.4, 0.6, 0.8, 1]).toContain(value); // of five test examples each
    expect(metrics.retainedAccuracy).toBeGreaterThan(0);
  });
});
