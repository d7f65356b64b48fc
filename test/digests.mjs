// Small runs of every stream × scenario × learner, and the digest of each: what must come out alike on every machine.
// `node test/digests.mjs` prints them; it needs a build.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { compose, plan, runsOf } from "@everlearn/host";
import { run } from "@everlearn/runner";

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
];

const suite = {
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
    ...others,
  ],
};

/** @returns {Promise<Record<string, string>>} each run's digest, by its name */
export async function digests() {
  const directory = await mkdtemp(join(tmpdir(), "everlearn-digests-"));
  try {
    const answer = {};
    for (const spec of runsOf(suite, "digests.mjs")) {
      const cell = await compose(await plan(spec, { from: [dirname(file)] }), 1);
      answer[spec.name] = (await run(cell, { directory: join(directory, spec.name) })).digest;
      await cell.dispose();
    }
    return answer;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === file)
  console.log(JSON.stringify(await digests(), null, 2));
