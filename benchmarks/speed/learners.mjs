// Each learner's time for an example of the stream, beside its own count of gradients times the kernel's step: what its
// bookkeeping, vectors and draws cost. Called by bench.mjs.
import { fileURLToPath } from "node:url";
import { createCell } from "@everlearn/composition";
import { plan } from "@everlearn/host";
import { mlp } from "@everlearn/network-mlp";
import { random } from "@everlearn/random";
import { runsOf } from "@everlearn/records";

const here = fileURLToPath(import.meta.url);
const reservoir = { use: "reservoir", capacity: 500 };
const training = { use: "domain-il", taskLabels: "training" };
const ten = { batchSize: 10 };
const batch = { batchSize: 128 }; // Split MNIST's

/** What each learner is measured with: the settings of the suites where they have them. */
const settings = [
  { learner: { use: "online", alpha: 0.01 } },
  { learner: { use: "reptile", alpha: 0.01, gamma: 0.3, s: 5 } },
  { learner: { use: "er", alpha: 0.03, k: 11 }, buffer: reservoir },
  { learner: { use: "er-with-tasks", alpha: 0.01, k: 26 }, buffer: reservoir, scenario: training },
  { learner: { use: "mer", alpha: 0.03, beta: 0.03, s: 10, k: 11 }, buffer: reservoir },
  { learner: { use: "mer-one-big-batch", alpha: 0.03, gamma: 0.3, k: 11 }, buffer: reservoir },
  { learner: { use: "mer-current-example-rate", alpha: 0.03, gamma: 0.1, s: 5, k: 26 }, buffer: reservoir },
  { learner: { use: "gem", alpha: 0.01 }, buffer: { use: "ring", capacity: 500, rings: 5 }, scenario: training },
  { learner: { use: "agem", alpha: 0.01, batch: 64 }, buffer: reservoir, scenario: training },
  { learner: { use: "ewc", alpha: 0.01, lambda: 10, n: 10 }, scenario: training, ...ten },
  { learner: { use: "si", alpha: 0.01, c: 0.1 }, scenario: training, ...ten },
  { learner: { use: "lwf", alpha: 0.01 }, scenario: training, ...ten },
  { learner: { use: "ewc", alpha: 0.01, lambda: 10, n: 10 }, scenario: training, ...batch },
  { learner: { use: "si", alpha: 0.01, c: 0.1 }, scenario: training, ...batch },
  { learner: { use: "lwf", alpha: 0.01 }, scenario: training, ...batch },
  { learner: { use: "icarl", alpha: 0.03, exemplarsPerClass: 100, replay: 128 }, scenario: training, ...batch },
  { learner: { use: "joint", alpha: 0.01, k: 10, steps: 40 }, scenario: training, ...ten },
  { learner: { use: "independent", alpha: 0.01 }, scenario: { use: "task-il", heads: "shared" } },
  { learner: { use: "task-input", alpha: 0.01 }, scenario: { use: "task-il", heads: "shared" } },
  { learner: { use: "c-maml", alpha0: 0.1, beta: 0.1, glances: 5, replay: 10 }, buffer: reservoir, ...ten },
  { learner: { use: "sync", alpha0: 0.15, beta: 0.1, eta: 0.3, glances: 5, replay: 10 }, buffer: reservoir, ...ten },
  { learner: { use: "la-maml", alpha0: 0.15, eta: 0.3, glances: 5, replay: 10 }, buffer: reservoir, ...ten },
  { learner: { use: "der", rate: 0.03, alpha: 0.5, replay: 10 }, buffer: reservoir, ...ten },
  { learner: { use: "der-plus-plus", rate: 0.03, alpha: 0.2, beta: 0.5, replay: 10 }, buffer: reservoir, ...ten },
  { learner: { use: "er-ace", alpha: 0.03, replay: 10 }, buffer: reservoir, ...ten },
  { learner: { use: "mir", alpha: 0.03, replay: 10, candidates: 50 }, buffer: reservoir, ...ten },
  { learner: { use: "gss", alpha: 0.03, replay: 10, capacity: 500 }, ...ten },
  { learner: { use: "icarl", alpha: 0.03, exemplarsPerClass: 20, replay: 10 }, scenario: training, ...ten },
  { learner: { use: "gdumb", alpha: 0.05, capacity: 500, k: 16, passes: 3 }, ...ten },
];

/** Microseconds of the kernel's step on some of a stream's examples, here and now: the median of nine passes. */
function step(examples) {
  const network = mlp({ hidden: [100, 100] }, { inputs: 784, outputs: 10, random: random(0) });
  const times = Array.from({ length: 9 }, () => {
    const start = performance.now();
    for (let round = 0; round < 2; round++) for (const example of examples) network.descend([example], 0.003);
    return ((performance.now() - start) * 1000) / (2 * examples.length);
  });
  return times.sort((a, b) => a - b)[4];
}

/** Trains a learner on its stream without evaluation. @returns its time, and the kernel's step before and after it */
async function train(setting) {
  const run = {
    name: `learner-${setting.learner.use}`, // "sync" alone would be one of the command's own folders
    stream: { use: "rotated", tasks: 5, examplesPerTask: 1000, maxAngle: 180, testExamples: 10 },
    ...setting,
  };
  const planned = await plan(runsOf(run, here)[0], { from: [here] });
  const cell = await createCell(planned, 0);
  const { stream, scenario, learner, batchSize } = cell;
  const some = Array.from({ length: 500 }, (_, i) => {
    const source = stream.train(i % stream.experiences);
    return { x: source.input(i), y: source.label(i) };
  });
  const before = step(some);
  let [microseconds, examples] = [0, 0];
  for (let e = 0; e < stream.experiences; e++) {
    const source = stream.train(e);
    const batches = [];
    for (let i = 0; i < source.length; i += batchSize)
      batches.push(
        Array.from({ length: Math.min(batchSize, source.length - i) }, (_, j) =>
          scenario.example(source.task(i + j), source.input(i + j), source.label(i + j)),
        ),
      );
    const question = [scenario.query(0, stream.test(0).input(0))];
    const start = performance.now();
    for (const batch of batches) learner.observe(batch);
    if (cell.boundaries) learner.endTask?.();
    learner.predict(question); // some learn when they are asked
    microseconds += (performance.now() - start) * 1000;
    examples += source.length;
  }
  const gradients = cell.gradients();
  await cell.dispose();
  return { microseconds, examples, gradients, step: (before + step(some)) / 2 };
}

const nameOf = ({ learner, batchSize = 1 }) => (batchSize === 1 ? learner.use : `${learner.use}, batch ${batchSize}`);

/** A line for each learner, or for those of these names. */
export async function learnerSpeeds(names = []) {
  const chosen = names.length === 0 ? settings : settings.filter(({ learner }) => names.includes(learner.use));
  for (const setting of chosen) {
    await train(setting); // the engine compiles
    const runs = [];
    for (let round = 0; round < 5; round++) {
      const run = await train(setting);
      runs.push({ ...run, ratio: run.microseconds / (run.gradients * run.step) });
    }
    const { microseconds, examples, gradients, ratio } = runs.sort((a, b) => a.ratio - b.ratio)[2];
    const [perExample, each] = [microseconds, gradients].map((count) => (count / examples).toFixed(1));
    console.log(
      `  ${nameOf(setting).padEnd(28)} ${perExample.padStart(9)} µs an example   ${each.padStart(8)} gradients   ratio ${ratio.toFixed(2)}×`,
    );
  }
}
