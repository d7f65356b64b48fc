import {
  type DifferentiableNetwork,
  type OptionsFor,
  type Size,
  type Random,
  withDefaults,
} from "@everlearn/contracts";
import { createGram, KernelVector, type Layout } from "@everlearn/wasm";
import { createAnswers } from "./answers.js";
import { planNetwork } from "./build.js";
import { createEngine } from "./engine.js";
import { initialTheta } from "./initial.js";
import { options } from "./options.js";
import { sizeOf } from "./parameters.js";
import { presets } from "./presets.js";
import { readLayers } from "./read.js";
import { trainedParameters } from "./trained.js";
import { createTraining } from "./training.js";

/** The most parameters: half a gigabyte for each vector of them, of which WebAssembly has four. */
const MOST = 2 ** 27;

/**
 * A convolutional network with a WebAssembly SIMD kernel, whose bits are the same on every machine.
 * @throws RangeError for layers that do not fit each other or the inputs, naming the layer by its place
 */
export function convnet(
  given: OptionsFor<typeof options>,
  { shape, inputs, outputs, random }: Size & { readonly random: Random },
): DifferentiableNetwork {
  const { preset, layers, initialisation, features } = withDefaults(options, given);
  if (preset !== "" && layers.length > 0)
    throw new RangeError(`convnet takes a preset or layers, not both; leave out "layers", or the preset "${preset}".`);
  const chosen =
    preset === "" ? { layers: readLayers(layers, "layers"), initialisation: "pytorch" as const } : presets[preset];
  const plan = planNetwork(chosen.layers, shape, outputs, features);
  const parameters = plan.layers.map((layer) => layer.reduce((sum, parameter) => sum + sizeOf(parameter), 0));
  checkSize(parameters.reduce((sum, count) => sum + count, 0));
  const layout: Layout = {
    length: plan.length,
    blocks: plan.layers.flat().flatMap(({ blocks }) => blocks),
  };
  const engine = createEngine(plan, layout, { inputs, outputs });
  const { memory, theta } = engine;
  const vector = () => new KernelVector(memory, layout);
  const training = createTraining(engine, vector);
  const gram = createGram(memory, layout);
  const scratch: KernelVector[] = []; // gradients of single terms
  theta.fromArray(initialTheta(plan, initialisation === "" ? chosen.initialisation : initialisation, random));
  return {
    theta,
    inputs,
    outputs,
    layers: parameters,
    tensors: plan.layers.flatMap((layer, place) =>
      layer.map(({ kind, shape: own, learns }) => ({
        ...{ kind, layer: place, shape: own, axis: own.length - 1 },
        ...(!learns && { frozen: true }),
      })),
    ),
    vector,
    trained() {
      const trained = vector();
      trained.fromArray(trainedParameters(plan));
      return trained;
    },
    ...training,
    ...createAnswers(engine, { inputs, outputs }),
    gram,
    gradientGram: (batch) =>
      gram(
        batch.map((term, i) => {
          const gradient = (scratch[i] ??= vector());
          training.gradient([{ ...term, weight: 1 }], gradient);
          return gradient;
        }),
      ),
    save: () => theta.toArray(),
    load(state) {
      theta.fromArray(state as Float32Array);
    },
    dispose() {
      // The memory goes with the network, to the garbage collector.
    },
  };
}

/** @throws RangeError for more parameters than a network can have */
function checkSize(parameters: number): void {
  if (!(parameters <= MOST))
    throw new RangeError(
      `The layers make ${parameters} parameters, of which a network may have ${MOST}; use fewer filters or units.`,
    );
}
