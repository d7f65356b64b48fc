import { createCell, type Plan, type PlannedPart } from "@everlearn/composition";
import { digest } from "@everlearn/digest";
import { runsOf } from "@everlearn/records";
import { describe, expect, it } from "vitest";
import { tree } from "../../records/test/folder.js";
import { plan } from "../src/index.js";
import { fake, fakes } from "./fakes.js";

const base = {
  name: "quick",
  dataset: { use: "glyphs" },
  stream: { use: "blurry", of: { use: "plain" } },
  scenario: { use: "class-il" },
  network: { use: "mlp" },
  optimizer: { use: "adam" },
  augmentation: [{ use: "crop" }],
  learner: { use: "mer", alpha: 0.1 },
  buffer: { use: "reservoir", capacity: 5 },
  batchSize: 1,
  evaluation: { tasks: "all", every: 0, examples: 0 },
  metrics: [{ use: "mean" }],
  trackers: [{ use: "memory" }],
  protocol: { minimumEffect: 0.01 },
  seeds: [0],
};

const planned = (document: object, files = fakes()): Promise<Plan> =>
  plan(runsOf(document, "x.json")[0], { from: [tree(files)] });
const idOf = async (document: object, files = fakes()): Promise<string> => (await planned(document, files)).specId;

/** One other value for every field of a spec and every option of every part. */
const altered: Record<string, object> = {
  "dataset.size": { dataset: { use: "glyphs", size: 4 } },
  stream: { stream: { use: "plain" } },
  "stream.fraction": { stream: { use: "blurry", fraction: 0.5, of: { use: "plain" } } },
  "stream/of": { stream: { use: "iid", of: { use: "blurry", of: { use: "plain" } } } },
  "stream/of.order": { stream: { use: "blurry", of: { use: "iid", of: { use: "plain" } } } },
  "stream/of.tasks": { stream: { use: "blurry", of: { use: "plain", tasks: 3 } } },
  scenario: { scenario: { use: "domain-il" } },
  "scenario.boundaries": { scenario: { use: "class-il", boundaries: false } },
  "scenario.taskLabels": { scenario: { use: "class-il", taskLabels: "training" } },
  "network.hidden": { network: { use: "mlp", hidden: [100] } },
  optimizer: { optimizer: null },
  "optimizer.epsilon": { optimizer: { use: "adam", epsilon: 0.1 } },
  augmentation: { augmentation: [] },
  "augmentation.padding": { augmentation: [{ use: "crop", padding: 3 }] },
  "augmentation.twice": { augmentation: [{ use: "crop" }, { use: "crop" }] },
  learner: { learner: { use: "online" }, buffer: null },
  "learner.alpha": { learner: { use: "mer", alpha: 0.2 } },
  "learner.k": { learner: { use: "mer", alpha: 0.1, k: 3 } },
  "buffer.capacity": { buffer: { use: "reservoir", capacity: 6 } },
  "buffer.labels": {
    scenario: { use: "class-il", taskLabels: "training" },
    buffer: { use: "reservoir", capacity: 5, labels: true },
  },
  batchSize: { batchSize: 2 },
  "evaluation.tasks": { evaluation: { tasks: "current-and-next" } },
  "evaluation.every": { evaluation: { every: 1 } },
  "evaluation.examples": { evaluation: { examples: 1 } },
  "evaluation.confusion": { evaluation: { confusion: true } },
  "evaluation.probe": { evaluation: { probe: 1 } },
  "protocol.budget.gradientsPerExample": { protocol: { budget: { gradientsPerExample: 3 } } },
  "protocol.budget.bytes": { protocol: { budget: { bytes: 3 } } },
  metrics: { metrics: [] },
  "metrics.scale": { metrics: [{ use: "mean", scale: 2 }] },
};

describe("a spec's identity", () => {
  it("is another for everything that can change a result", async () => {
    const ids = [await idOf(base)];
    for (const changes of Object.values(altered)) ids.push(await idOf({ ...base, ...changes }));
    expect(new Set(ids).size).toBe(ids.length);
    const unchanging: (keyof typeof base)[] = ["name", "seeds", "trackers"];
    expect(new Set([...Object.keys(altered).map((path) => path.split(/[./]/)[0]), ...unchanging])).toEqual(
      new Set(Object.keys(base)),
    );
    const { augmentation, metrics, trackers: _, ...single } = (await planned(base)).parts;
    const [first] = augmentation;
    const parts = { ...single, "stream/of": single.stream.of as PlannedPart, augmentation: first, metrics: metrics[0] };
    const options = Object.entries(parts).flatMap(([place, part]) =>
      Object.keys(part.options).map((option) => `${place}.${option}`),
    );
    expect(Object.keys(altered)).toEqual(expect.arrayContaining(options));
  });

  it("is another for another version or package of any plugin, or other data", async () => {
    const files = fakes();
    const ids = [await idOf(base)];
    const manifests = Object.keys(files).filter((path) =>
      ["glyphs", "plain", "blurry", "class-il", "mlp", "adam", "crop", "reservoir", "mer", "mean"].some((name) =>
        path.endsWith(`-${name}/package.json`),
      ),
    );
    expect(manifests).toHaveLength(10);
    for (const path of manifests)
      ids.push(await idOf(base, { ...files, [path]: files[path].replace("1.0.0", "1.0.1") }));
    const source = files["node_modules/@fake/learner-mer/i.js"];
    const { "node_modules/@fake/learner-mer/package.json": _, ...others } = files;
    ids.push(await idOf(base, { ...others, ...fake({ kind: "learner", name: "mer", package: "mer2", source }) }));
    const data = "node_modules/@fake/dataset-glyphs/i.js";
    ids.push(await idOf(base, { ...files, [data]: files[data].replace('"sum"', '"other"') }));
    for (const mark of ["// 1", "// 2"])
      ids.push(
        await idOf(
          { ...base, learner: { ...base.learner, use: "./mine.mjs" } },
          { ...files, "mine.mjs": source + mark },
        ),
      );
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each([
    [
      "a CommonJS module that is required",
      'createRequire(import.meta.url)("./core.cjs");',
      "core.cjs",
      "module.exports = 1;",
    ],
    ["a file of data that is read", 'readFileSync(new URL("./rate.json", import.meta.url));', "rate.json", "1"],
    [
      "a listed module of a computed name",
      'export const load = () => import(name);\nexport const files = ["./core.mjs"];',
      "core.mjs",
      "1;",
    ],
  ])("is another for another version of what a plugin given by path leads to: %s", async (_, line, name, content) => {
    const files = fakes();
    const head =
      'import { createRequire } from "node:module";\nimport { readFileSync } from "node:fs";\nconst name = "./core.mjs";\n';
    const mine = `${head}${line}\n${files["node_modules/@fake/learner-mer/i.js"]}`;
    const learner = { ...base.learner, use: "./mine.mjs" };
    const ids = [];
    for (const changed of [content, content, `${content} `])
      ids.push(await idOf({ ...base, learner }, { ...files, "mine.mjs": mine, [name]: changed }));
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  it("is refused to a plugin given by path that may lead to any file", async () => {
    const files = { ...fakes(), "mine.mjs": "const name = 1;\nawait import(name);\n" };
    const learner = { ...base.learner, use: "./mine.mjs" };
    await expect(idOf({ ...base, learner }, files)).rejects.toThrow(
      /^x\.json: \/learner\/use: .*mine\.mjs:2: import\(name\) may lead to any file, .* export const files = \["\.\/rates\.json"\]\.$/,
    );
  });

  it("is the same for what changes no result", async () => {
    const id = await idOf(base);
    const { dataset: _, batchSize: __, evaluation: ___, ...short } = base;
    for (const same of [
      { ...base, name: "other", description: "Words.", seeds: [5, 6], trackers: [] },
      Object.fromEntries(Object.entries(base).reverse()),
      { ...short, learner: { k: 2, alpha: 0.1, use: "@fake/learner-mer" } },
      { ...short, runs: [{ name: "in-a-suite", label: "MER", settings: ["one", "two"] }] },
      { ...base, protocol: { budget: { seconds: 5, memory: 6 }, tuning: { protocol: "none" }, track: "open" } },
    ])
      expect(await idOf(same)).toBe(id);
    const files = fakes();
    const tracker = "node_modules/@fake/tracker-memory/package.json";
    expect(await idOf(base, { ...files, [tracker]: files[tracker].replace("1.0.0", "9.0.0") })).toBe(id);
  });

  it("and the seed make a cell's", async () => {
    const result = await planned(base);
    const cells = await Promise.all([0, 1, 1].map((seed) => createCell(result, seed)));
    const [a, b, c] = cells.map(({ cellId }) => cellId);
    expect(b).toBe(c);
    expect(a).not.toBe(b);
    expect(a).toBe(digest({ specId: result.specId, seed: 0 }));
    for (const cell of cells) await cell.dispose();
  });
});
