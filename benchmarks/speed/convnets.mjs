// Steps and evaluations of network-convnet's presets, and as ratios to PyTorch's, taken in turns in the same call:
//
//   node benchmarks/speed/convnets.mjs [--python PATH] [--rounds N] [--tfjs]
//
// --python: a Python with torch; without one, everlearn's own figures are printed without these ratios
// --tfjs:   network-tfjs on its WebAssembly backend too, which takes minutes
//
// The last figure of a row is the rate of the multiplications and additions that the layers are defined by, as a share of the
// roof: the best rate of the kernel's product of matrices in the nearest caches. Winograd's transforms and zeros that are left
// out can take it beyond 1. Memory is the network's own, after all batches.
import { spawn } from "node:child_process";
import { argv } from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { convnet } from "@everlearn/network-convnet";
import { tfjs } from "@everlearn/network-tfjs";
import { random } from "@everlearn/random";
import { createMemory } from "@everlearn/wasm";
import { kernel as code } from "../../plugins/network-convnet/dist/kernel.wasm.js";

/** The presets, and the multiplications of an image's way forward and of a step, by the layers' definitions. */
const presets = new Map([
  ["la-maml", { forward: 20.5e6, step: 60.4e6 }],
  ["resnet18", { forward: 54.6e6, step: 163.4e6 }],
]);
/** Batches of a step, and how often it is repeated in a round; a negative batch is evaluated. */
const tasks = new Map([
  [1, 8],
  [10, 2],
  [20, 1],
  [128, 1],
  [-128, 1],
]);
const setting = { shape: [32, 32, 3], inputs: 3072, outputs: 100, folder: undefined };

const draw = random(1, "images");
const examples = Array.from({ length: 128 }, () => ({
  x: Uint8Array.from({ length: 3072 }, () => draw.integer(256)),
  y: draw.integer(100),
}));

/** Milliseconds of each repetition. */
function timesOf(network, batch, repetitions) {
  return Array.from({ length: repetitions }, () => {
    const start = performance.now();
    if (batch > 0) network.descend(examples.slice(0, batch), 1e-4);
    else network.predict(examples.slice(0, -batch));
    return performance.now() - start;
  });
}

/** A PyTorch that times itself on request; undefined, and why in a line, where there is none. */
async function pytorch(python) {
  const child = spawn(python, [fileURLToPath(new URL("convnets.py", import.meta.url))], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (text) => (errors += text));
  child.stdin.on("error", () => {});
  const failed = new Promise((resolve) => child.on("error", resolve));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const first = await Promise.race([failed, lines.next()]);
  if (first instanceof Error || first.done) {
    console.log(`  (${python} cannot be compared with: ${errors.trim().split("\n").at(-1) || String(first.message)})`);
    return undefined;
  }
  return {
    version: first.value,
    async times(preset, batch, repetitions) {
      child.stdin.write(`${preset} ${batch} ${repetitions}\n`);
      return (await lines.next()).value.split(" ").map(Number);
    },
    end: () => child.stdin.end(),
  };
}

const median = (times) => times.toSorted((a, b) => a - b)[times.length >> 1];

/** The kernel's best rate, in multiplications and additions per millisecond: 64 × 64 weights on 64 pixels, again and again. */
function roof() {
  const memory = createMemory(code);
  const { kernel } = memory;
  const size = 64;
  const image = [8, 8, size, 8 * size, 64 * size];
  const record = memory.take(14 * 4);
  memory.words.set([...image, ...image, 1, 1, 1, 0], record / 4);
  const [x, out, weights, bias] = [64 * size, 64 * size, size * size, size].map((n) => memory.take(n * 4));
  memory.floats.fill(0.5, x / 4, x / 4 + 64 * size);
  memory.floats.fill(0.001, weights / 4, weights / 4 + size * size);
  let best = 0;
  for (let i = 0; i < 50; i++) {
    const start = performance.now();
    for (let j = 0; j < 10; j++) kernel.convolve(record, x, out, weights, bias, 1);
    best = Math.max(best, (10 * 2 * 64 * size * size) / (performance.now() - start));
  }
  return best;
}

/** Every WebAssembly memory that is made from now on, by the order of making. */
const memories = [];
WebAssembly.Memory = class extends WebAssembly.Memory {
  constructor(...given) {
    super(...given);
    memories.push(this);
  }
};

/** Prints a row for each preset and batch. */
export async function convnetSpeeds({ python = "python3", rounds = 8, withTfjs = false } = {}) {
  const yardstick = await pytorch(python);
  console.log(
    `Convolutional networks, ms (medians of ${rounds} rounds in turns)${yardstick ? `; PyTorch ${yardstick.version}, one thread` : ""}`,
  );
  for (const [preset, work] of presets) {
    const ours = convnet({ preset }, { ...setting, random: random(0) });
    const own = memories.at(-1);
    const theirs = withTfjs
      ? await tfjs({ model: preset, backend: "wasm" }, { ...setting, random: random(0) })
      : undefined;
    for (const [batch, repetitions] of tasks) {
      const times = { ours: [], torch: [], tfjs: [] };
      const turns = Math.abs(batch) === 128 ? Math.max(2, rounds >> 1) : rounds;
      for (let round = -1; round < turns; round++) {
        const now = timesOf(ours, batch, repetitions);
        const torch = yardstick ? await yardstick.times(preset, batch, repetitions) : [];
        if (round < 0) continue; // to warm up
        times.ours.push(...now);
        times.torch.push(...torch);
      }
      if (theirs) times.tfjs.push(...timesOf(theirs, batch, 2));
      const time = median(times.ours);
      const ratio = (what, values) =>
        values.length === 0
          ? ""
          : `   ${what} ${median(values).toFixed(2).padStart(8)}  ratio ${(time / median(values)).toFixed(2)}×`;
      const what = batch > 0 ? `step, batch ${batch}` : `evaluation of ${-batch}`;
      const rate = (2 * Math.abs(batch) * (batch > 0 ? work.step : work.forward)) / time;
      console.log(
        `  ${preset.padEnd(9)} ${what.padEnd(18)} ${time.toFixed(2).padStart(8)}${ratio("PyTorch", times.torch)}${ratio("network-tfjs", times.tfjs)}   ${(rate / roof()).toFixed(2)} of the roof`,
      );
    }
    console.log(`  ${preset.padEnd(9)} ${(own.buffer.byteLength / 1e6).toFixed(0)} MB of memory`);
    theirs?.dispose();
  }
  yardstick?.end();
}

if (argv[1] !== undefined && import.meta.url === pathToFileURL(argv[1]).href) {
  const { values } = parseArgs({
    options: {
      python: { type: "string", default: "python3" },
      rounds: { type: "string", default: "8" },
      tfjs: { type: "boolean", default: false },
    },
  });
  await convnetSpeeds({ python: values.python, rounds: Number(values.rounds), withTfjs: values.tfjs });
}
