import type { Dependencies, Diagnostic, Random } from "@everlearn/contracts";
import { dissect } from "./anatomy.js";
import { type Backend, backends, loadBackend, useBackend } from "./backend.js";
import type { ModelFunction } from "./model-function.js";
import { loadModel } from "./model.js";
import { modelNetwork } from "./network.js";

/** What is timed: a perceptron on a single digit, and a small convolutional network on ten. */
const trials: readonly { readonly name: string; readonly batch: number; readonly model: ModelFunction }[] = [
  {
    name: "784-100-100-10 at batch 1",
    batch: 1,
    model: ({ tf, shape, outputs }) =>
      tf.sequential({
        layers: [
          tf.layers.flatten({ inputShape: [...shape] }),
          tf.layers.dense({ units: 100, activation: "relu" }),
          tf.layers.dense({ units: 100, activation: "relu" }),
          tf.layers.dense({ units: outputs }),
        ],
      }),
  },
  {
    name: "two convolutions of 16 filters at batch 10",
    batch: 10,
    model: ({ tf, shape, outputs }) =>
      tf.sequential({
        layers: [
          tf.layers.conv2d({ filters: 16, kernelSize: 5, strides: 2, activation: "relu", inputShape: [...shape] }),
          tf.layers.conv2d({ filters: 16, kernelSize: 5, strides: 2, activation: "relu" }),
          tf.layers.flatten(),
          tf.layers.dense({ units: outputs }),
        ],
      }),
  },
];

/** Which backends work here, and how fast they take a step. */
export async function diagnose({ folder }: { folder: string }): Promise<readonly Diagnostic[]> {
  const found: Diagnostic[] = [];
  for (const name of backends) {
    try {
      const { description } = await loadBackend(name, [folder]);
      const steps: string[] = [];
      for (const trial of trials) steps.push(`${trial.name} takes ${await milliseconds(name, trial)} ms`);
      found.push({ name, works: true, finding: `${description}; a step of ${steps.join(", of ")}.` });
    } catch (error) {
      found.push({ name, works: false, finding: (error as Error).message });
    }
  }
  return found;
}

/** The median of a few steps, the first ones apart. */
async function milliseconds(backend: Backend, { batch, model }: (typeof trials)[number]): Promise<string> {
  const random = fixed();
  const given: Dependencies<"network"> = { inputs: 784, shape: [28, 28, 1], outputs: 10, folder: undefined, random };
  useBackend(backend);
  const network = modelNetwork(dissect(await loadModel(model, "", given), given), { ...given, backend });
  const examples = Array.from({ length: batch }, (_, y) => ({
    x: Uint8Array.from({ length: 784 }, () => 255 * random.uniform()),
    y,
  }));
  const times: number[] = [];
  for (let i = -3; i < 15; i++) {
    const start = performance.now();
    network.descend(examples, 0.01);
    if (i >= 0) times.push(performance.now() - start);
  }
  network.dispose();
  return times.toSorted((a, b) => a - b)[7].toFixed(2);
}

/** Numbers for a trial; no run draws from here. */
function fixed(): Random {
  let state = 1;
  const uniform = () => (state = (state * 16807) % 2147483647) / 2147483647; // Park & Miller 1988
  return {
    uniform,
    integer: (bound) => Math.floor(uniform() * bound),
    permutation: (n, count = n) => Uint32Array.from({ length: count }, (_, i) => i),
    fork: fixed,
    save: () => state,
    load(saved) {
      state = saved as number;
    },
  };
}
