import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { plan } from "@everlearn/host";
import { readSpecs, type RunSpec } from "@everlearn/records";
import { describe, expect, it } from "vitest";
import { scratch } from "./scratch.js";
import { root } from "./workspace.js";

/** A module whose data set has two training examples of each class and one for test, in a data set's shape. */
function tiny(folder: string, shape: readonly number[], classes: number): string {
  writeFileSync(
    join(folder, "tiny.mjs"),
    `const examples = (length) => ({
  length,
  label: (i) => i % ${classes},
  input: (i, into = new Uint8Array(${shape.reduce((size, side) => size * side, 1)})) => into.fill(i % 2),
});
export default {
  kind: "dataset",
  name: "tiny",
  contract: 2,
  description: "A data set's shape.",
  options: {},
  create: () => ({
    shape: [${shape.join()}],
    classes: ${classes},
    train: examples(${2 * classes}),
    test: examples(${classes}),
    checksum: "0".repeat(64),
  }),
};
`,
  );
  return "./tiny.mjs";
}

const shapes: Readonly<Record<string, readonly [shape: readonly number[], classes: number]>> = {
  cifar10: [[32, 32, 3], 10],
  cifar100: [[32, 32, 3], 100],
  "fashion-mnist": [[28, 28, 1], 10],
};

/** The run as its suite has it, but on few examples. */
function small(spec: RunSpec, folder: string): RunSpec {
  const [shape, classes] = shapes[spec.dataset.use];
  const { of } = spec.stream;
  const stream = of ? { ...spec.stream, of } : { ...spec.stream, examplesPerTask: 0 };
  const { checksum: _, ...protocol } = spec.protocol ?? {};
  return { ...spec, dataset: { use: tiny(folder, shape, classes) }, stream, protocol };
}

describe.each<[suite: string, sizes: readonly number[], seeds: readonly number[]]>([
  ["online-cifar10/class.json", [2, 2, 2, 2, 2], [10, 3]],
  ["online-cifar10-convnet/class.json", [2, 2, 2, 2, 2], [3]],
  ["split-cifar10/class.json", [2, 2, 2, 2, 2], [3]],
  ["split-cifar10/task.json", [2, 2, 2, 2, 2], [3]],
  ["icarl-cifar100/b0.json", [10, 10, 10, 10, 10, 10, 10, 10, 10, 10], [3]],
  ["icarl-cifar100/b50.json", [50, 10, 10, 10, 10, 10], [3]],
  ["fashion-mnist/online.json", [2, 2, 2, 2, 2], [10]],
])("the suite %s", (suite, sizes, seeds) => {
  it("can be planned: its tasks are the published ones, and every option is one that its plugin takes", async () => {
    const specs = await readSpecs(join(root, "benchmarks/suites", suite));
    expect([...new Set(specs.map((spec) => spec.seeds.length))].toSorted((a, b) => b - a)).toEqual(seeds);
    const folder = scratch();
    for (const spec of specs) {
      const planned = await plan(small(spec, folder), { from: [folder, root], folder });
      const { classesPerTask } = (planned.spec.stream.of ?? planned.spec.stream) as { classesPerTask?: unknown };
      const own = typeof classesPerTask === "number" ? sizes.map(() => classesPerTask) : classesPerTask;
      expect(own).toEqual(sizes);
    }
  });
});
