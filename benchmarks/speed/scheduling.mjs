// What the scheduler of suites costs, and what a second processor gains.
//
//   node benchmarks/speed/scheduling.mjs [--cells 2000] [--jobs 2] [--seeds 8]
//
// overhead: the time for so many cells, each of which keeps its process busy for 0.2 s, beside that time shared out among
//           the processes: all of planning, starting, sending, recording, drawing and choosing what is next is on top.
// speed-up: the time for a suite of real learners with one process and with `--jobs`.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { bench } from "@everlearn/bench";
import { runsOf } from "@everlearn/host";

const { values } = parseArgs({
  options: {
    cells: { type: "string", default: "2000" },
    jobs: { type: "string", default: "2" },
    seeds: { type: "string", default: "8" },
  },
});
const [cells, jobs, seeds] = [values.cells, values.jobs, values.seeds].map(Number);
const from = [fileURLToPath(new URL("../../packages/cli", import.meta.url))];
const work = mkdtempSync(join(tmpdir(), "everlearn-scheduling-"));
const range = (length) => Array.from({ length }, (_, i) => i);

const busy = `
  const busy = (seconds) => { const end = performance.now() + 1000 * seconds; while (performance.now() < end); };
  export default {
    kind: "learner", name: "busy", description: "Does nothing for a while.",
    options: { seconds: { type: "number", minimum: 0, description: "How long." } },
    create: ({ seconds }) => ({
      observe: () => busy(seconds), predict: (queries) => new Uint16Array(queries.length), save: () => null, load() {},
    }),
  };`;
writeFileSync(join(work, "busy.mjs"), busy);

/** Runs a suite into a folder of its own. @returns seconds, and the sum of its cells' own */
async function time(name, suite, jobs) {
  const specs = runsOf(suite, join(work, "suite.json"));
  const start = performance.now();
  const report = await bench(specs, { out: join(work, name), from, jobs });
  const seconds = (performance.now() - start) / 1000;
  const bad = report.cells.filter(({ status }) => status !== "finished");
  if (bad.length > 0) throw new Error(`${bad.length} cells did not finish: ${bad[0].message}`);
  return { seconds, own: report.cells.reduce((sum, { result }) => sum + result.seconds, 0) };
}

async function overhead() {
  const seconds = 0.2;
  const suite = {
    dataset: { use: "glyphs", train: 100, test: 20 },
    stream: { use: "rotated", tasks: 2, examplesPerTask: 10 },
    network: { use: "mlp", hidden: [10] },
    batchSize: 10,
    seeds: range(Math.ceil(cells / 20)),
    // Two batches, one a task.
    runs: range(20).map((i) => ({ name: `busy-${i}`, learner: { use: "./busy.mjs", seconds: seconds / 2 } })),
  };
  const count = suite.seeds.length * suite.runs.length;
  const took = await time("overhead", suite, jobs);
  const ideal = (count * seconds) / jobs;
  const percent = (share) => `${(100 * (share - 1)).toFixed(1)}%`;
  console.log(
    `overhead: ${count} cells of ${seconds} s, ${jobs} at once: ${took.seconds.toFixed(1)} s, ${percent(took.seconds / ideal)} over ${ideal} s; ${percent(took.seconds / (took.own / jobs))} over the cells' own times`,
  );
}

async function speedUp() {
  const buffer = { use: "reservoir", capacity: 200 };
  const suite = {
    dataset: { use: "glyphs" },
    stream: { use: "rotated", tasks: 5, examplesPerTask: 400, maxAngle: 180, testExamples: 500 },
    seeds: range(seeds),
    runs: [
      { name: "online", learner: { use: "online", alpha: 0.003 } },
      { name: "er", learner: { use: "er", alpha: 0.1, k: 11 }, buffer },
      { name: "mer", learner: { use: "mer", alpha: 0.1, beta: 0.01, gamma: 1, s: 5, k: 11 }, buffer },
    ],
  };
  const one = await time("one", suite, 1);
  const many = await time("many", suite, jobs);
  const ratio = (many.seconds / one.seconds).toFixed(3);
  const [alone, together] = [one, many].map(({ seconds }) => seconds.toFixed(1));
  console.log(`speed-up: ${3 * seeds} cells, one at once: ${alone} s, ${jobs} at once: ${together} s, ${ratio} of it`);
}

try {
  await overhead();
  await speedUp();
} finally {
  rmSync(work, { recursive: true, force: true });
}
