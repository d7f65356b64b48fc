import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  checkAugmentation,
  checkBuffer,
  checkDataset,
  checkLearner,
  checkMetric,
  checkNetwork,
  checkOptimizer,
  checkScenario,
  checkStream,
  checkTracker,
  toyDataset,
  toyStream,
} from "@everlearn/conformance";
import type { Kind, OptionSchema, OptionsSchema, Plugin } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { afterAll, describe, expect, it } from "vitest";
import { startFake } from "../plugins/tracker-mlflow/test/fake-mlflow.js";
import { load, plugins, read, root, type Workspace } from "./workspace.js";

type Options = Readonly<Record<string, unknown>>;
type Check = (plugin: Plugin, setup: object) => Promise<void>;

const folder = process.env.EVERLEARN_DATA;

/** Each takes plugins of its own kind only, which is what the kind in their manifest is looked up for. */
const checks: Readonly<Record<Kind, unknown>> = {
  augmentation: checkAugmentation,
  buffer: checkBuffer,
  dataset: checkDataset,
  learner: checkLearner,
  metric: checkMetric,
  network: checkNetwork,
  optimizer: checkOptimizer,
  scenario: checkScenario,
  stream: checkStream,
  tracker: checkTracker,
};

/** What a kind's check is given besides options. */
const surroundings: Partial<Readonly<Record<Kind, object>>> = {
  dataset: folder === undefined ? {} : { folder },
  // As many examples as the streams' default of 1000 a task asks for.
  stream: { dataset: () => toyDataset({ classes: 10, shape: [8, 8, 1], train: 2000, test: 200 }) },
};

const mlflow = await startFake();
afterAll(() => mlflow.stop());

/** Options that suit a plugin better than those that are made up below. */
const particular: Readonly<Record<string, Options>> = {
  "plugins/augmentation-color-jitter": { brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 },
  "plugins/augmentation-normalize": { mean: [0.4, 0.5, 0.6], std: [0.2, 0.25, 0.3] },
  "plugins/buffer-ring": { capacity: 30, rings: 2 },
  "plugins/dataset-csv": { path: join(root, "plugins/dataset-csv/test/six.csv") },
  "plugins/dataset-embeddings": { path: join(root, "plugins/dataset-images/test/six.npz") },
  "plugins/dataset-glyphs": { train: 400, test: 100 },
  "plugins/dataset-idx": { path: "mnist" },
  "plugins/dataset-images": { path: join(root, "plugins/dataset-images/test/six.npz"), size: 3, color: "rgb" },
  "plugins/learner-gdumb": { capacity: 40, passes: 8, k: 4 },
  "plugins/learner-icarl": { exemplarsPerClass: 10 },
  // A fifth of the trial's few hidden units would be too few.
  "plugins/learner-xdg": { alpha: 0.1, gated: 0.5 },
  "plugins/learner-ranpac": { projections: 40 },
  "plugins/learner-mer": { beta: 0.5, s: 2, k: 4 },
  "plugins/network-convnet": { layers: [{ layer: "dense", units: 12 }, { layer: "relu" }] },
  "plugins/network-mlp": { hidden: [12, 8] },
  "plugins/network-tfjs": { model: join(root, "plugins/network-tfjs/test/models/mlp.mjs"), backend: "wasm" },
  "plugins/optimizer-cosine": { steps: 4000 },
  "plugins/optimizer-step": { milestones: 1500 },
  "plugins/stream-repeated": { passes: 2 },
  "plugins/tracker-mlflow": { trackingUri: mlflow.uri },
};

const ofOneClass = toyStream({ tasks: 4, split: true }, { dataset: toyDataset(), random: random(1) });

/** What else a plugin is tried with. */
const setups: Readonly<Record<string, object>> = {
  // On tasks of one class, the only ones that they can learn.
  "plugins/learner-majority-class": { stream: ofOneClass, examples: 60 },
  "plugins/learner-no-change": { stream: ofOneClass, examples: 60 },
  "plugins/stream-recurring": { seedless: true },
  "plugins/stream-task-range": { seedless: true },
  "plugins/stream-natural": { seedless: true },
  "plugins/stream-standardized": { seedless: true },
};

/** A plausible value within an option's bounds. */
function plausible(schema: OptionSchema): unknown {
  if ("anyOf" in schema) return plausible({ description: "", ...schema.anyOf[0] });
  if (schema.type === "boolean") return true;
  if (schema.type === "array") return [10];
  if (schema.type === "string") return schema.enum?.[0] ?? "x";
  const { minimum = -Infinity, maximum = Infinity } = schema;
  return Math.min(Math.max(schema.type === "integer" ? 10 : 0.1, minimum), maximum);
}

/** Values for the options that have no default. */
function madeUp(schemas: OptionsSchema): Options {
  const required = Object.entries(schemas).filter(([, schema]) => schema.default === undefined);
  return Object.fromEntries(required.map(([name, schema]) => [name, plausible(schema)]));
}

/** Data sets that are not there to be judged; each is judged on small files by its own test. */
const places = {
  ...{ mnist: "mnist", idx: "mnist", "fashion-mnist": "fashion-mnist", cifar10: "cifar10", cifar100: "cifar100" },
  ...{ "tiny-imagenet": "tiny-imagenet", core50: "core50", omniglot: "omniglot/images_background.zip" },
};
const missing = Object.entries(places).flatMap(([name, place]) =>
  existsSync(join(folder ?? "", place)) ? [] : [name],
);
if (missing.length > 0) console.warn(`Not judged, as EVERLEARN_DATA does not hold them: ${missing.join(", ")}.`);
const isMissing = ({ folder }: Workspace) => missing.some((name) => folder === `plugins/dataset-${name}`);

/** The text of a plugin's own tests. */
function tests({ folder }: Workspace): string {
  const own = join(root, folder, "test");
  const names = statSync(own, { throwIfNoEntry: false }) ? readdirSync(own) : [];
  return names
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => read(`${folder}/test/${name}`))
    .join("\n");
}

it("finds the plugins", () => {
  expect(plugins.length).toBeGreaterThanOrEqual(14);
});

describe.each(plugins)("$folder", (one) => {
  const { kind } = one.manifest.everlearn ?? { kind: "learner" };

  it.skipIf(isMissing(one))(`does what ${/^[ao]/.test(kind) ? "an" : "a"} ${kind} must do`, async () => {
    const plugin = await load(one);
    const options = { ...madeUp(plugin.options), ...particular[one.folder] };
    const check = checks[kind] as Check;
    await expect(check(plugin, { ...surroundings[kind], ...setups[one.folder], options })).resolves.toBeUndefined();
  });

  it("is judged by its own test too", () => {
    const check = `check${kind[0].toUpperCase()}${kind.slice(1)}(`;
    expect(tests(one).includes(`await ${check}`), `${one.folder}/test calls await ${check}plugin, …)`).toBe(true);
  });
});
