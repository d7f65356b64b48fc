// What the scheduler of suites costs, and what a second processor gains.
//
//   node benchmarks/speed/scheduling.mjs [--cells 2000] [--jobs 2] [--seeds 6] [--rounds 5]
//
// overhead: the time for so many cells, each of which keeps its process busy for 0.2 s, beside the ideal: what they take
//           one after the other in a single process without a scheduler (put together, run, recorded on the disk),
//           shared out among the processes. On top are planning, starting, sending and choosing what is next.
// speed-up: the time for a suite of real learners with `--jobs` processes as a part of that with one, beside what the
//           machine itself allows: the same cells dealt out among as many bare processes, and all in one. All four in
//           turns, and the median of the rounds: the machine's own speed comes and goes.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { bench } from "@everlearn/bench";
import { createCell } from "@everlearn/composition";
import { plan } from "@everlearn/host";
import { runsOf } from "@everlearn/records";
import { runCell } from "@everlearn/runner";

const { values } = parseArgs({
  options: {
    cells: { type: "string", default: "2000" },
    jobs: { type: "string", default: "2" },
    seeds: { type: "string", default: "6" },
    rounds: { type: "string", default: "5" },
    bare: { type: "string" },
  },
});
const [cells, jobs, seeds, rounds] = [values.cells, values.jobs, values.seeds, values.rounds].map(Number);
const from = [fileURLToPath(new URL("../../packages/cli", import.meta.url))];
const work = mkdtempSync(join(tmpdir(), "everlearn-scheduling-"));
const range = (length) => Array.from({ length }, (_, i) => i);

const busy = `
  const busy = (seconds) => { const end = performance.now() + 1000 * seconds; while (performance.now() < end); };
  export default {
    contract: 2, kind: "learner", name: "busy", description: "Does nothing for a while.",
    options: { seconds: { type: "number", minimum: 0, description: "How long." } },
    create: ({ seconds }) => ({
      observe: () => busy(seconds), predict: (queries) => new Uint16Array(queries.length), save: () => null, load() {},
    }),
  };`;
writeFileSync(join(work, "busy.mjs"), busy);

/** Runs a suite into a folder of its own. @returns seconds */
async function time(name, specs, jobs) {
  const start = performance.now();
  const report = await bench(specs, { out: join(work, name), from, jobs });
  const bad = report.cells.filter(({ status }) => status !== "finished");
  if (bad.length > 0) throw new Error(`${bad.length} cells did not finish: ${bad[0].message}`);
  return (performance.now() - start) / 1000;
}

/** Runs cells one after the other, here, without a scheduler. */
async function runHere(cells) {
  for (const { spec, seed } of cells) {
    const directory = join(work, "here", spec.name, `seed-${seed}`);
    const cell = await createCell(await plan(spec, { from: [work, ...from] }), seed);
    await runCell(cell, { directory });
    await cell.dispose();
  }
}

/** @returns seconds a cell of a spec, over so many, the first left out */
async function timeAlone(spec, count) {
  await runHere([{ spec, seed: 0 }]);
  const start = performance.now();
  await runHere(range(count).map((i) => ({ spec, seed: i + 1 })));
  return (performance.now() - start) / 1000 / count;
}

async function overhead() {
  const seconds = 0.2;
  const suite = {
    dataset: { use: "glyphs", train: 100, test: 20 },
    stream: { use: "rotated", tasks: 2, examplesPerTask: 10 },
    batchSize: 10,
    seeds: range(Math.ceil(cells / 20)),
    // Two batches, one a task.
    runs: range(20).map((i) => ({ name: `busy-${i}`, learner: { use: "./busy.mjs", seconds: seconds / 2 } })),
  };
  const specs = runsOf(suite, join(work, "suite.json"));
  const count = suite.seeds.length * suite.runs.length;
  const alone = await timeAlone(specs[0], 50);
  const took = await time("overhead", specs, jobs);
  const ideal = (count * alone) / jobs;
  const percent = (100 * (took / ideal - 1)).toFixed(1);
  console.log(
    `overhead: ${count} cells of ${seconds} s, ${jobs} at once: ${took.toFixed(1)} s, ${percent}% over ${ideal.toFixed(1)} s (${alone.toFixed(3)} s each without a scheduler)`,
  );
}

const buffer = { use: "reservoir", capacity: 200 };
const real = {
  dataset: { use: "glyphs" },
  stream: { use: "rotated", tasks: 5, examplesPerTask: 2000, maxAngle: 180, testExamples: 500 },
  seeds: range(seeds),
  runs: [
    { name: "online", learner: { use: "online", alpha: 0.003 } },
    { name: "er", learner: { use: "er", alpha: 0.1, k: 11 }, buffer },
    { name: "mer", learner: { use: "mer", alpha: 0.1, beta: 0.01, gamma: 1, s: 5, k: 11 }, buffer },
  ],
};

async function speedUp() {
  const specs = runsOf(real, join(work, "suite.json"));
  const suites = [];
  const floors = [];
  for (const round of range(rounds)) {
    const one = await time(`one-${round}`, specs, 1);
    const many = await time(`many-${round}`, specs, jobs);
    suites.push(many / one);
    const alone = await bare(1);
    floors.push((await bare(jobs)) / alone);
    console.log(`  one at once: ${one.toFixed(1)} s, ${jobs} at once: ${many.toFixed(1)} s`);
  }
  console.log(
    `speed-up: ${3 * seeds} cells, ${jobs} at once: ${spread(suites)} of one at once; bare processes: ${spread(floors)}`,
  );
}

/** The median, and from where to where. */
function spread(ratios) {
  const sorted = ratios.toSorted((a, b) => a - b).map((ratio) => ratio.toFixed(3));
  return `${sorted[Math.floor(sorted.length / 2)]} (${sorted[0]} to ${sorted[sorted.length - 1]})`;
}

/** Deals the suite's cells out among so many bare processes. @returns seconds until the last has ended */
async function bare(processes) {
  const here = fileURLToPath(import.meta.url);
  const start = performance.now();
  await Promise.all(
    range(processes).map((i) =>
      promisify(execFile)(process.execPath, [here, "--seeds", String(seeds), "--bare", `${i}/${processes}`]),
    ),
  );
  return (performance.now() - start) / 1000;
}

/** What such a process does, `share` such as 0/2. */
async function runShare(share) {
  const [first, processes] = share.split("/").map(Number);
  const cells = runsOf(real, join(work, "suite.json")).flatMap((spec) => spec.seeds.map((seed) => ({ spec, seed })));
  await runHere(cells.filter((_, i) => i % processes === first));
}

try {
  if (values.bare) await runShare(values.bare);
  else {
    await overhead();
    await speedUp();
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
