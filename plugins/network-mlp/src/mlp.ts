import {
  type DifferentiableNetwork,
  type OptionsFor,
  type Random,
  type Tensor,
  withDefaults,
} from "@everlearn/contracts";
import { createGram, KernelVector } from "@everlearn/wasm";
import { createAnswers } from "./answers.js";
import { createBackward } from "./backward.js";
import { createEngine } from "./engine.js";
import { createGradientGram } from "./gradient-gram.js";
import { type Layer, layersOf, layoutOf } from "./layout.js";
import { options } from "./options.js";
import { createTraining } from "./training.js";

/** The most parameters: half a gigabyte for each vector of them, of which WebAssembly has four. */
const MOST = 2 ** 27;

/**
 * A multilayer perceptron: ReLU layers, softmax cross-entropy over the outputs, batch-1 SGD without a gradient buffer.
 * Weights begin uniform in ±√3·√(2/(fan-in + fan-out)) (Glorot & Bengio 2010), biases at 0.
 */
export function mlp(
  given: OptionsFor<typeof options>,
  { inputs, outputs, random }: { readonly inputs: number; readonly outputs: number; readonly random: Random },
): DifferentiableNetwork {
  const { hidden } = withDefaults(options, given);
  const layers = layersOf([inputs, ...hidden, outputs]);
  const parameters = layers.reduce((sum, layer) => sum + (layer.inputs + 1) * layer.outputs, 0);
  if (!(parameters <= MOST))
    throw new RangeError(
      `hidden = [${hidden.join(", ")}] makes ${parameters} parameters, of which a network may have ${MOST}; use smaller layers.`,
    );
  const layout = layoutOf(layers);
  const engine = createEngine(layers, layout);
  const { memory, theta } = engine;
  const vector = () => new KernelVector(memory, layout);
  theta.fromArray(initialWeights(layers, random));
  return {
    theta,
    inputs,
    outputs,
    layers: layers.map((layer) => (layer.inputs + 1) * layer.outputs),
    tensors: layers.flatMap((layer, place): Tensor[] => [
      { kind: "weights", layer: place, shape: [layer.inputs, layer.outputs], axis: 1 },
      { kind: "biases", layer: place, shape: [layer.outputs], axis: 0 },
    ]),
    vector,
    ...createTraining(engine, vector),
    ...createAnswers(engine),
    ...createBackward(engine),
    gram: createGram(memory, layout),
    gradientGram: createGradientGram(engine),
    save: () => theta.toArray(),
    load(state) {
      theta.fromArray(state as Float32Array);
    },
    dispose() {
      // The memory goes with the network, to the garbage collector.
    },
  };
}

function initialWeights(layers: readonly Layer[], random: Random): Float32Array {
  return Float32Array.from(
    layers.flatMap(({ inputs, outputs }) => {
      const bound = Math.sqrt(3) * Math.sqrt(2 / (inputs + outputs));
      const weights = Array.from({ length: inputs * outputs }, () => (2 * random.uniform() - 1) * bound);
      return [...weights, ...new Array<number>(outputs).fill(0)];
    }),
  );
}
