// Native kernels against WebAssembly, and a step of a perceptron against the C yardstick, in turns in the same call:
//
//   npm run native && node benchmarks/speed/native.mjs [--yardsticks DIR] [--rounds N]
//
// --yardsticks: a folder with mlp_sgd.c, compiled here with gcc for this machine
//
// A process chooses its kernel once, so each kernel is timed in a process of its own; medians are of all rounds.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { convnet } from "@everlearn/network-convnet";
import { mlp } from "@everlearn/network-mlp";
import { random } from "@everlearn/random";
import { syntheticExamples } from "./examples.mjs";

const median = (times) => times.toSorted((a, b) => a - b)[times.length >> 1];

/** The median time of a call in milliseconds. */
function timeOf(rounds, repetitions, act) {
  const times = [];
  for (let round = -2; round < rounds; round++) {
    const start = performance.now();
    for (let i = 0; i < repetitions; i++) act();
    if (round >= 0) times.push((performance.now() - start) / repetitions);
  }
  return median(times);
}

/** Milliseconds of a step in this process, by what it is of. */
function measure() {
  const network = mlp({ hidden: [100, 100] }, { inputs: 784, outputs: 10, random: random(0) });
  const digits = syntheticExamples(2000);
  let next = 0;
  const perceptron = timeOf(51, 500, () => network.descend([digits[(next++ * 7) % 2000]], 0.003));
  const setting = { shape: [32, 32, 3], inputs: 3072, outputs: 100, folder: undefined };
  const draw = random(1, "images");
  const images = Array.from({ length: 10 }, () => ({
    x: Uint8Array.from({ length: 3072 }, () => draw.integer(256)),
    y: draw.integer(100),
  }));
  const convolutions = ["la-maml", "resnet18"].flatMap((preset) => {
    const made = convnet({ preset }, { ...setting, random: random(0) });
    return [1, 10].map((batch) => [
      `${preset}, batch ${batch}`,
      timeOf(5, batch === 1 ? 3 : 1, () => made.descend(images.slice(0, batch), 1e-4)),
    ]);
  });
  return Object.fromEntries([["784-100-100-10, batch 1", perceptron], ...convolutions]);
}

const script = fileURLToPath(import.meta.url);

function measured(kernel) {
  const env = { ...process.env, EVERLEARN_KERNEL: kernel };
  return JSON.parse(execFileSync(process.execPath, [script, "--one"], { encoding: "utf8", env }));
}

/** What a step of the yardstick in C takes, in milliseconds. */
function yardstickIn(folder, work) {
  const binary = join(work, "mlp_sgd");
  const flags = "-O3 -march=native -ffast-math -DVL=16".split(" ");
  execFileSync("gcc", [...flags, join(folder, "mlp_sgd.c"), "-lm", "-o", binary]);
  return () => Number(/^steps b1\s+([\d.]+)/m.exec(execFileSync(binary, { encoding: "utf8" }))[1]) / 1000;
}

function compare({ yardsticks, rounds }) {
  const work = mkdtempSync(join(tmpdir(), "everlearn-bench-"));
  try {
    const inC = yardsticks === undefined ? undefined : yardstickIn(yardsticks, work);
    const [native, wasm, c] = [[], [], []];
    for (let round = 0; round < Number(rounds); round++) {
      wasm.push(measured("wasm"));
      if (inC) c.push(inC());
      native.push(measured("native"));
    }
    console.log(
      `A step in ms, ${cpus()[0]?.model.trim()}, Node ${process.version}; medians of ${rounds} rounds in turns\n`,
    );
    const say = (name, ...figures) =>
      console.log(`  ${name.padEnd(26)}${figures.map((text) => text.padStart(13)).join("")}`);
    say("", "WebAssembly", "native", "ratio", ...(inC ? ["C, AVX-512", "native to C"] : []));
    for (const name of Object.keys(wasm[0])) {
      const [ours, theirs] = [native, wasm].map((all) => median(all.map((one) => one[name])));
      const yardstick = inC && name.startsWith("784") ? median(c) : undefined;
      say(
        ...[name, theirs.toPrecision(3), ours.toPrecision(3), (ours / theirs).toFixed(2)],
        ...(yardstick === undefined ? [] : [yardstick.toPrecision(3), (ours / yardstick).toFixed(2)]),
      );
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const { values } = parseArgs({
  options: {
    yardsticks: { type: "string" },
    rounds: { type: "string", default: "5" },
    one: { type: "boolean", default: false },
  },
});
if (values.one) console.log(JSON.stringify(measure()));
else compare(values);
