// Speed through the public interfaces, as ratios to yardsticks measured in the same call.
//
//   npm run bench -- [--yardsticks DIR] [--python PATH] [--whole-run] [--data DIR]
//   npm run bench -- learners [NAME…]    only the learners, or these of them
//   node benchmarks/speed/convnets.mjs     only convolutional networks
//
// --yardsticks: a folder with mlp_sgd.c (compiled here if there is gcc) and torch_mer.py (run if PATH has torch)
// --data:       the folder that holds mnist/: evaluation is measured on its test images too, PyTorch's as well
// --whole-run:  also the whole run mer-rotations-5120 on MNIST against its counted steps (about two minutes)
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { reservoir } from "@everlearn/buffer-reservoir";
import { mnist } from "@everlearn/dataset-mnist";
import { mer } from "@everlearn/learner-mer";
import { mlp } from "@everlearn/network-mlp";
import { random } from "@everlearn/random";
import { backendSpeeds } from "./backends.mjs";
import { syntheticExamples } from "./examples.mjs";
import { convnetSpeeds } from "./convnets.mjs";
import { learnerSpeeds } from "./learners.mjs";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    yardsticks: { type: "string" },
    python: { type: "string", default: "python3" },
    "whole-run": { type: "boolean", default: false },
    data: { type: "string" },
  },
});

const work = mkdtempSync(join(tmpdir(), "everlearn-bench-"));
const examples = syntheticExamples(10_000);

/** The median over `rounds` of the microseconds that `act` takes, divided by `per`. */
function median(rounds, per, act) {
  const times = [];
  for (let round = -5; round < rounds; round++) {
    const start = performance.now();
    act();
    if (round >= 0) times.push(((performance.now() - start) * 1000) / per);
  }
  return times.sort((a, b) => a - b)[rounds >> 1];
}

function measure() {
  const network = mlp({ hidden: [100, 100] }, { inputs: 784, outputs: 10, random: random(0) });
  let next = 0;
  const example = () => examples[(next++ * 7) % 2000];
  const learner = (k) => {
    const buffer = reservoir({ capacity: 2000 }, { random: random(1) });
    for (const item of examples.slice(0, 2000)) buffer.add(item);
    return mer({ alpha: 0.003, beta: 0.1, gamma: 0.1, s: 10, k }, { network, buffer });
  };
  const [mer11, mer101] = [learner(11), learner(101)];
  for (let i = 0; i < 20; i++) mer101.observe([example()]); // the data become easy, as in the yardstick
  return {
    descend: median(51, 500, () => {
      for (let i = 0; i < 500; i++) network.descend([example()], 0.003);
    }),
    mer11: median(41, 1, () => mer11.observe([example()])),
    mer101: median(21, 1, () => mer101.observe([example()])),
    evaluated: 1e6 / median(9, examples.length, () => network.predict(examples)),
  };
}

/** Examples per second over MNIST's test images, by a network that learned from 5,000 training images. */
async function evaluatedOnMnist() {
  const { train, test } = await mnist({}, { folder: options.data });
  const network = mlp({ hidden: [100, 100] }, { inputs: 784, outputs: 10, random: random(0) });
  for (let i = 0; i < 5000; i++) network.descend([{ x: train.input(i), y: train.label(i) }], 0.03);
  const queries = Array.from({ length: test.length }, (_, i) => ({ x: test.input(i) }));
  return 1e6 / median(15, queries.length, () => network.predict(queries));
}

/** The numbers that the C yardstick prints, or why there are none. */
function yardstickInC() {
  if (!options.yardsticks) return "no --yardsticks DIR given";
  const binary = join(work, "mlp_sgd");
  const flags = "-O3 -march=native -ffast-math -DVL=16".split(" ");
  const compiled = spawnSync("gcc", [...flags, join(options.yardsticks, "mlp_sgd.c"), "-lm", "-o", binary]);
  if (compiled.error) return "gcc was not found";
  if (compiled.status !== 0) return `gcc failed: ${compiled.stderr}`;
  return () => {
    const text = execFileSync(binary, { encoding: "utf8" });
    const value = (label) => Number(new RegExp(`^${label}\\s+([\\d.]+)`, "m").exec(text)[1]);
    // Its MER batches have 10 and 100 elements where ours have 11 and 101.
    return {
      descend: value("steps b1"),
      mer11: value("mer s10k10") * 1.1,
      mer101: value("mer s10k100") * 1.01,
      evaluated: value("eval ex/s"),
    };
  };
}

function yardstickInTorch() {
  if (!options.yardsticks) return "no --yardsticks DIR given";
  const script = join(options.yardsticks, "torch_mer.py");
  const data = options.data ? [join(options.data, "mnist")] : [];
  const done = spawnSync(options.python, [script, ...data], { encoding: "utf8" });
  if (done.error) return `${options.python} was not found`;
  if (done.status !== 0) return `${options.python} ${script} failed: ${done.stderr.trim().split("\n").at(-1)}`;
  const value = (pattern) => Number(pattern.exec(done.stdout)[1]);
  return {
    autograd11: value(/k-1=10: ([\d.]+)/) * 110,
    autograd101: value(/k-1=100: ([\d.]+)/) * 1010,
    byHand: value(/by hand: ([\d.]+)/),
    evaluated: value(/evaluate: (\d+)/),
  };
}

function row(name, unit, ours, theirs, title) {
  const digits = unit === "µs" ? 2 : 0;
  console.log(
    `  ${name.padEnd(38)} ${ours.toFixed(digits).padStart(9)} ${unit.padEnd(11)} ${title} ${theirs.toFixed(digits).padStart(9)}   ratio ${(ours / theirs).toFixed(2)}×`,
  );
}

/** SGD steps of MER's Algorithm 1 over n examples. */
function merSteps(n, { s, k }, capacity) {
  let steps = 0;
  for (let seen = 0; seen < n; seen++) steps += s * (1 + Math.min(k - 1, seen, capacity));
  return steps;
}

function wholeRun() {
  const suite = fileURLToPath(new URL("../suites/mer-2019/rotations.json", import.meta.url));
  const command = fileURLToPath(new URL("../../packages/cli/bin/everlearn.js", import.meta.url));
  const data = options.data ? ["--data", options.data] : [];
  const before = measure().descend;
  execFileSync(
    process.execPath,
    [command, "run", suite, "--only", "mer-rotations-5120", "--seed", "0", "--out", work, ...data],
    {
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  const step = (before + measure().descend) / 2;
  const {
    spec,
    examples: n,
    seconds,
  } = JSON.parse(readFileSync(join(work, "mer-rotations-5120", "seed-0", "result.json"), "utf8"));
  const steps = merSteps(n, spec.learner, spec.buffer.capacity);
  const counted = (steps * step) / 1e6;
  console.log(
    `\nmer-rotations-5120, evaluation included: ${seconds.toFixed(1)} s for ${steps.toLocaleString("en")} SGD steps`,
  );
  console.log(`  of ${step.toFixed(2)} µs = ${counted.toFixed(1)} s   ratio ${(seconds / counted).toFixed(2)}×`);
}

/** Everything but the learners and the backends. */
async function yardsticks() {
  const c = yardstickInC();
  // Ours between two runs of theirs: a machine that changes its pace shows.
  const before = typeof c === "function" ? c() : undefined;
  const ours = measure();
  const after = typeof c === "function" ? c() : undefined;
  if (before && after) {
    const middle = (key) => (before[key] + after[key]) / 2;
    row("network.descend, batch 1", "µs", ours.descend, middle("descend"), "C, AVX-512");
    row("learner-mer, s=10 k=11, an example", "µs", ours.mer11, middle("mer11"), "C, AVX-512");
    row("learner-mer, s=10 k=101, an example", "µs", ours.mer101, middle("mer101"), "C, AVX-512");
    row("network.predict", "examples/s", ours.evaluated, middle("evaluated"), "C, AVX-512");
  } else {
    console.log(`  network.descend, batch 1               ${ours.descend.toFixed(2)} µs`);
    console.log(`  learner-mer, s=10 k=11, an example     ${ours.mer11.toFixed(0)} µs`);
    console.log(`  learner-mer, s=10 k=101, an example    ${ours.mer101.toFixed(0)} µs`);
    console.log(`  network.predict                        ${ours.evaluated.toFixed(0)} examples/s`);
    console.log(`  (no ratio to C: ${c})`);
  }
  const torch = yardstickInTorch();
  if (typeof torch === "string") console.log(`  (no ratio to PyTorch: ${torch})`);
  else {
    row("learner-mer, s=10 k=11, a step", "µs", ours.mer11 / 110, torch.autograd11 / 110, "PyTorch   ");
    row("learner-mer, s=10 k=101, a step", "µs", ours.mer101 / 1010, torch.autograd101 / 1010, "PyTorch   ");
    row("network.descend, batch 1", "µs", ours.descend, torch.byHand, "…by hand  ");
    row("network.predict", "examples/s", ours.evaluated, torch.evaluated, "PyTorch   ");
    if (options.data)
      row(
        "network.predict, MNIST's test images",
        "examples/s",
        await evaluatedOnMnist(),
        torch.evaluated,
        "PyTorch   ",
      );
  }
}

async function learners(names) {
  console.log(
    "\nLearners: time for an example of the stream, to their own count of gradients times the kernel's step\n",
  );
  await learnerSpeeds(names);
}

try {
  console.log(
    `everlearn on ${cpus()[0]?.model.trim()}, Node ${process.version}; 784-100-100-10, inputs 18% non-zero\n`,
  );
  const [part, ...names] = positionals;
  if (part === "learners") await learners(names);
  else {
    if (part !== undefined)
      throw new RangeError(`There is no part "${part}" to measure alone; only "learners" is one.`);
    await yardsticks();
    await learners([]);
    console.log("");
    await convnetSpeeds({ python: options.python, withTfjs: true });
    console.log("\nnetwork-tfjs: a step, to that of network-mlp's 784-100-100-10 at the same batch\n");
    await backendSpeeds();
    if (options["whole-run"]) wholeRun();
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
