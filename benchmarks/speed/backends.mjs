// Steps of network-tfjs on each backend of this machine, as ratios to network-mlp measured in the same call:
//
//   node benchmarks/speed/backends.mjs
//
// EVERLEARN_TFJS_NODE names a folder with tfjs-node or tfjs-node-gpu, where they are not installed here.
import { argv, cwd } from "node:process";
import { pathToFileURL } from "node:url";
import { mlp } from "@everlearn/network-mlp";
import plugin, { tfjs } from "@everlearn/network-tfjs";
import { random } from "@everlearn/random";
import convnet from "../suites/convnet-rotations/convnet.mjs";
import { syntheticExamples } from "./examples.mjs";

const perceptron = ({ tf, shape, outputs }) =>
  tf.sequential({
    layers: [
      tf.layers.flatten({ inputShape: [...shape] }),
      tf.layers.dense({ units: 100, activation: "relu" }),
      tf.layers.dense({ units: 100, activation: "relu" }),
      tf.layers.dense({ units: outputs }),
    ],
  });
const models = { "784-100-100-10": perceptron, convnet };
const batches = [1, 10, 128];
const setting = { inputs: 784, shape: [28, 28, 1], outputs: 10, folder: undefined };

/** Prints a row for each backend, model and batch. */
export async function backendSpeeds() {
  const examples = syntheticExamples(1280);
  const yardstick = batches.map((size) =>
    microseconds(mlp({ hidden: [100, 100] }, { ...setting, random: random(0) }), examples, size),
  );
  for (const backend of ["node-gpu", "node", "wasm", "cpu"]) {
    const description = await found(backend);
    if (description === undefined) continue;
    console.log(`  ${description}`);
    for (const [name, model] of Object.entries(models)) {
      for (const [i, size] of batches.entries()) {
        const network = await tfjs({ model, backend }, { ...setting, random: random(0) });
        const time = microseconds(network, examples, size);
        network.dispose();
        console.log(
          `    ${`${name}, batch ${size}`.padEnd(26)} ${(time / 1000).toFixed(3).padStart(9)} ms   network-mlp ${(yardstick[i] / 1000).toFixed(3).padStart(7)} ms   ratio ${(time / yardstick[i]).toFixed(time < 10 * yardstick[i] ? 1 : 0)}×`,
        );
      }
    }
  }
}

/** What a backend is here; says why where it is not. */
async function found(backend) {
  try {
    const options = { model: "la-maml", backend, version: "" };
    return (await plugin.resolveOptions(options, { folder: cwd(), version: () => "" })).environment.tfjs;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    console.log(`  (${error.message})`);
    return undefined;
  }
}

/** The median of a step's time over a second, or three steps where they take longer, after a warm-up half as long. */
function microseconds(network, examples, size) {
  let [next, times] = [0, []];
  const stepFor = (milliseconds, least) => {
    times = [];
    const end = performance.now() + milliseconds;
    while (times.length < least || performance.now() < end) {
      const from = ((next++ * 7) % (examples.length / size)) * size;
      const batch = examples.slice(from, from + size);
      const start = performance.now();
      network.descend(batch, 0.003);
      times.push(1000 * (performance.now() - start));
    }
  };
  stepFor(500, 1);
  stepFor(1000, 3);
  return times.sort((a, b) => a - b)[times.length >> 1];
}

if (import.meta.url === pathToFileURL(argv[1] ?? "").href) await backendSpeeds();
