// Small runs of every stream × scenario × learner, and the digest of each: what must come out alike on every machine.
// `node test/digests.mjs` prints them; it needs a build.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { createCell } from "@everlearn/composition";
import { plan } from "@everlearn/host";
import { runsOf } from "@everlearn/records";
import { runCell } from "@everlearn/runner";

const file = fileURLToPath(import.meta.url);

const streams = {
  rotated: { use: "rotated", tasks: 3, examplesPerTask: 40, maxAngle: 180, testExamples: 30 },
  permuted: { use: "permuted", tasks: 3, examplesPerTask: 40, testExamples: 30 },
  split: { use: "split", classesPerTask: 5 },
};

const scenarios = {
  "task-il": { use: "task-il" },
  "domain-il": { use: "domain-il" },
  "class-il": { use: "class-il" },
};

const reservoir = { use: "reservoir", capacity: 30 };
const learners = {
  online: { learner: { use: "online", alpha: 0.05 } },
  er: { learner: { use: "er", alpha: 0.1, k: 6 }, buffer: reservoir },
  mer: { learner: { use: "mer", alpha: 0.1, beta: 0.3, gamma: 0.9, s: 2, k: 4 }, buffer: reservoir },
};

const told = { use: "domain-il", taskLabels: "training" };
const own = { use: "task-il", heads: "shared" };
const rings = { use: "ring", capacity: 30, rings: 3 };
const five = { batchSize: 5 };

/** Every other learner, on the stream that `stream` names in the scenario that it asks for. */
const algorithms = [
  { learner: { use: "reptile", alpha: 0.05, gamma: 0.5, s: 4 } },
  { learner: { use: "joint", alpha: 0.05, k: 5, steps: 20 }, scenario: told },
  { learner: { use: "independent", alpha: 0.05 }, scenario: own },
  { learner: { use: "task-input", alpha: 0.05 }, scenario: own },
  { learner: { use: "packnet", alpha: 0.05, k: 8 }, scenario: own },
  { learner: { use: "xdg", alpha: 0.05 }, scenario: own },
  { learner: { use: "er-with-tasks", alpha: 0.05, k: 6 }, scenario: told, buffer: reservoir },
  { learner: { use: "mer-one-big-batch", alpha: 0.1, gamma: 0.5, k: 6 }, buffer: reservoir },
  { learner: { use: "mer-current-example-rate", alpha: 0.05, gamma: 0.5, s: 3, k: 6 }, buffer: reservoir },
  { learner: { use: "gem", alpha: 0.05 }, scenario: told, buffer: rings },
  { learner: { use: "agem", alpha: 0.05, batch: 8 }, scenario: told, buffer: rings },
  { learner: { use: "ewc", alpha: 0.05, lambda: 5 }, scenario: told },
  { learner: { use: "si", alpha: 0.05, c: 0.01 }, scenario: told },
  { learner: { use: "mas", alpha: 0.05, lambda: 0.01 }, scenario: told },
  { learner: { use: "rwalk", rate: 0.05, lambda: 0.5 }, scenario: told },
  { learner: { use: "lwf", alpha: 0.05 }, scenario: told },
  { learner: { use: "c-maml", alpha0: 0.1, beta: 0.1, replay: 5 }, buffer: reservoir, ...five },
  { learner: { use: "sync", alpha0: 0.1, beta: 0.1, eta: 0.1, replay: 5 }, buffer: reservoir, ...five },
  { learner: { use: "la-maml", alpha0: 0.1, eta: 0.1, replay: 5 }, buffer: reservoir, ...five },
  { learner: { use: "der", rate: 0.05, alpha: 0.5, replay: 5 }, buffer: reservoir, ...five },
  { learner: { use: "der-plus-plus", rate: 0.05, alpha: 0.2, beta: 0.5, replay: 5 }, buffer: reservoir, ...five },
  { learner: { use: "er-ace", alpha: 0.05, replay: 5 }, buffer: reservoir, ...five },
  { learner: { use: "mir", alpha: 0.05, replay: 5, candidates: 15 }, buffer: reservoir, ...five },
  { learner: { use: "gss", alpha: 0.05, replay: 5, capacity: 30 }, ...five },
  { learner: { use: "icarl", alpha: 0.1, exemplarsPerClass: 3, replay: 5 }, scenario: told, ...five },
  { learner: { use: "pec", alpha: 0.3 }, ...five },
  { learner: { use: "generative-replay", alpha: 0.05, rate: 0.05, latent: 5 }, scenario: told, ...five },
  { learner: { use: "gdumb", capacity: 30, passes: 3 }, ...five },
  { learner: { use: "ncm" }, network: null },
  { learner: { use: "slda" }, network: null },
  { learner: { use: "ridge" }, network: null },
  { learner: { use: "ranpac", projections: 50 }, network: null },
  { learner: { use: "fecam" }, network: null },
  { learner: { use: "majority-class" }, network: null },
  { learner: { use: "no-change" }, network: null },
].map((run) => ({ name: `rotated.${run.learner.use}`, stream: streams.rotated, ...run }));

/** Learners that train no network, and that see the features of one here. */
const onFeatures = [
  { learner: { use: "ridge", lambda: 1, solver: "recursive", features: "network" } },
  { learner: { use: "ncm", distance: "cosine", features: "network" } },
].map((run) => ({ name: `features.${run.learner.use}`, stream: streams.split, scenario: { use: "class-il" }, ...run }));

/** Streams of streams, with a learner that needs to be told nothing. */
const rearranged = [
  { use: "blurry", fraction: 0.3 },
  { use: "imbalanced", ratio: 4 },
  { use: "recurring", rounds: 2 },
  { use: "iid" },
  { use: "repeated", passes: 2 },
  { use: "task-range", from: 1 },
  { use: "standardized" },
].map((stream) => ({ name: `${stream.use}.er`, stream: { ...stream, of: streams.rotated }, ...learners.er }));

/** What the grid leaves out: options that take other ways through the code. */
const others = [
  {
    name: "batches-clipped",
    stream: streams.rotated,
    learner: { use: "online", alpha: 0.5, clip: 0.5 },
    batchSize: 7,
    network: { use: "mlp", hidden: [] },
  },
  {
    name: "ring-by-task",
    stream: streams.permuted,
    scenario: { use: "domain-il", taskLabels: "training" },
    learner: { use: "er", alpha: 0.1, k: 6, clip: 1 },
    buffer: { use: "ring", capacity: 30, rings: 3 },
  },
  {
    name: "ring-by-class",
    stream: streams.split,
    scenario: { use: "class-il" },
    learner: { use: "mer", alpha: 0.1, beta: 0.5, s: 1, k: 5, clip: 1 },
    buffer: { use: "ring", capacity: 30, rings: 10, per: "class" },
  },
  {
    name: "reservoir-variant",
    stream: { ...streams.split, order: "ascending" },
    learner: { use: "er", alpha: 0.1, k: 6 },
    buffer: { ...reservoir, variant: "released" },
    network: { use: "mlp", hidden: [33, 17] },
  },
  {
    name: "class-balanced-adam",
    stream: streams.split,
    scenario: { use: "class-il" },
    optimizer: { use: "adam" },
    learner: { use: "er", alpha: 0.001, k: 6 },
    buffer: { use: "class-balanced", capacity: 30 },
  },
  {
    name: "validation",
    dataset: { use: "validation", fraction: 0.25, of: { use: "glyphs", train: 160, test: 60 } },
    stream: { use: "split", classesPerTask: 5 },
    learner: { use: "online", alpha: 0.05 },
  },
  {
    name: "unequal-nesterov",
    stream: { use: "split", classesPerTask: [6, 1, 3], order: [9, 2, 4, 6, 8, 1, 3, 5, 7, 0] },
    scenario: { use: "class-il" },
    optimizer: { use: "sgd", momentum: 0.9, nesterov: true, weightDecay: 0.001 },
    learner: { use: "er", alpha: 0.01, k: 6 },
    buffer: reservoir,
  },
  ...[
    { use: "step", milestones: [20, 30], gamma: 0.5, period: 40, of: { use: "sgd", momentum: 0.5 } },
    { use: "cosine", steps: [30, 50], minimum: 0.1, restart: true, of: { use: "sgd", weightDecay: 0.01 } },
  ].map((optimizer) => ({
    name: `${optimizer.use}.er`,
    stream: streams.rotated,
    optimizer,
    ...learners.er,
  })),
  {
    name: "convnet-sgd",
    stream: { ...streams.rotated, tasks: 2, examplesPerTask: 6, testExamples: 3 },
    network: {
      use: "convnet",
      layers: [
        { layer: "conv", filters: 4, frozen: true },
        { layer: "batch norm" },
        { layer: "relu" },
        { layer: "average pool", size: 4 },
      ],
    },
    optimizer: { use: "sgd", momentum: 0.9, weightDecay: 0.01 },
    ...learners.er,
  },
  {
    name: "ewc-exact",
    stream: streams.split,
    scenario: { use: "task-il" },
    learner: { use: "ewc", alpha: 0.05, lambda: 5, fisher: "exact" },
  },
  { name: "natural", stream: { use: "natural" }, learner: { use: "online", alpha: 0.05 } },
  {
    name: "glances",
    stream: { use: "recurring", rounds: 2, of: streams.permuted },
    evaluation: { every: 15, examples: 10 },
    learner: { use: "online", alpha: 0.05 },
  },
  {
    name: "seen",
    stream: { use: "recurring", rounds: 2, of: streams.permuted },
    evaluation: { tasks: "seen", every: 25 },
    learner: { use: "online", alpha: 0.05 },
  },
  {
    name: "augmented",
    stream: streams.rotated,
    augmentation: [
      { use: "random-crop", padding: 2 },
      { use: "horizontal-flip" },
      { use: "color-jitter", brightness: 0.4, contrast: 0.4 },
      { use: "normalize", mean: [0.2], std: [0.3] },
    ],
    ...learners.er,
  },
  {
    name: "current-and-next",
    stream: streams.permuted,
    evaluation: { tasks: "current-and-next" },
    learner: { use: "online", alpha: 0.05 },
  },
];

/** Learners of each way to use a network: its steps, gradients, vectors, copies of θ. */
const trained = [
  { learner: { use: "er", alpha: 0.02, k: 4 }, buffer: reservoir },
  { learner: { use: "mer", alpha: 0.02, beta: 0.3, gamma: 0.9, s: 1, k: 3 }, buffer: reservoir },
  { learner: { use: "agem", alpha: 0.02, batch: 3 }, scenario: told, buffer: rings, batchSize: 3 },
  { learner: { use: "der-plus-plus", rate: 0.02, alpha: 0.2, beta: 0.5, replay: 3 }, buffer: reservoir, batchSize: 3 },
  { learner: { use: "ewc", alpha: 0.02, lambda: 5 }, scenario: told, batchSize: 3 },
  { learner: { use: "la-maml", alpha0: 0.02, eta: 0.1, replay: 3 }, buffer: reservoir, batchSize: 3 },
];

/** Convolutional networks: the presets, and layers that these have not. */
const convnets = [
  ...["la-maml", "resnet18"].flatMap((preset) =>
    trained.map((run) => ({ name: `${preset}.${run.learner.use}`, network: { use: "convnet", preset }, ...run })),
  ),
  {
    ...trained[0],
    name: "convnet.er",
    network: {
      use: "convnet",
      layers: [
        { layer: "conv", filters: 6, kernel: 5, stride: 2 },
        { layer: "group norm", groups: 3 },
        { layer: "relu" },
        { layer: "depthwise conv", padding: 1 },
        { layer: "conv", filters: 8, kernel: 1, groups: 2, name: "mixed" },
        { layer: "max pool", size: 3, stride: 2, padding: 1 },
        { layer: "residual", layers: [{ layer: "relu" }, { layer: "conv", filters: 8, padding: 1 }] },
        { layer: "average pool", size: 2 },
      ],
      features: "mixed",
    },
  },
].map((run) => ({ stream: { ...streams.rotated, tasks: 2, examplesPerTask: 6, testExamples: 3 }, ...run }));

/** The suite of all runs. */
export const suite = {
  dataset: { use: "glyphs", train: 160, test: 60 },
  network: { use: "mlp", hidden: [20] },
  seeds: [1],
  runs: [
    ...Object.keys(streams).flatMap((stream) =>
      Object.keys(scenarios).flatMap((scenario) =>
        Object.keys(learners).map((learner) => ({
          name: `${stream}.${scenario}.${learner}`,
          stream: streams[stream],
          scenario: scenarios[scenario],
          ...learners[learner],
        })),
      ),
    ),
    ...algorithms,
    ...onFeatures,
    ...rearranged,
    ...others,
    ...convnets,
  ],
};

/** @returns {Promise<Set<string>>} the packages of all plugins that the runs use */
export async function parts() {
  const used = new Set();
  for (const spec of runsOf(suite, "digests.mjs"))
    for (const plugin of Object.values((await plan(spec, { from: [dirname(file)] })).plugins)) used.add(plugin.package);
  return used;
}

/** @returns {Promise<Record<string, string>>} each run's digest, by its name */
export async function digests() {
  const directory = await mkdtemp(join(tmpdir(), "everlearn-digests-"));
  try {
    const answer = {};
    for (const spec of runsOf(suite, "digests.mjs")) {
      const cell = await createCell(await plan(spec, { from: [dirname(file)] }), 1);
      answer[spec.name] = (await runCell(cell, { directory: join(directory, spec.name) })).digest;
      await cell.dispose();
    }
    return answer;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === file)
  console.log(JSON.stringify(await digests(), null, 2));
