import type { Variable } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-layers";

export type Weight = tf.LayerVariable;
type Layer = tf.LayersModel["layers"][number];

/** What a network needs to know of its model. */
export interface Anatomy {
  /** From an input to the features and the logits. */
  readonly model: tf.LayersModel;
  /** An input's shape. */
  readonly shape: readonly number[];
  /** What θ is made of, in its order. */
  readonly weights: readonly Weight[];
  /** What changes in training without being trained: the moving statistics of batch normalisation. */
  readonly statistics: readonly Weight[];
  /** The number of parameters of each layer that has some. */
  readonly layers: readonly number[];
  /** The layers where they are nothing but dense ones in a row, which need no tape. */
  readonly dense: readonly DenseLayer[] | undefined;
}

/** A layer x ↦ f(xW + b), whose weights are next to each other in θ. */
export interface DenseLayer {
  readonly inputs: number;
  readonly outputs: number;
  readonly relu: boolean;
}

/** The value of a weight, a variable of tfjs. */
export const valueOf = (weight: Weight): Variable => weight.read() as Variable;

const classOf = (one: unknown): string =>
  (one as { getClassName?(): string } | null | undefined)?.getClassName?.() ?? "";
const activationOf = (layer: Layer): string => classOf((layer as { activation?: unknown }).activation);
const sizeOf = (layer: Layer): number => layer.trainableWeights.reduce((sum, weight) => sum + countOf(weight), 0);
const countOf = ({ shape }: Weight): number => shape.reduce<number>((product, side) => product * (side ?? 1), 1);

/**
 * Looks a model over.
 * @throws RangeError where it does not fit what it is for, or asks for what no network here does
 */
export function dissect(
  given: tf.LayersModel,
  { inputs, shape: wanted, outputs }: { inputs: number; shape: readonly number[]; outputs: number },
): Anatomy {
  if (given.inputs.length !== 1 || given.outputs.length !== 1)
    throw new RangeError(
      `The model has ${given.inputs.length} inputs and ${given.outputs.length} outputs; a network has one of each.`,
    );
  const [, ...asked] = given.inputs[0].shape;
  const shape = asked.map((side, i) => side ?? wanted[i] ?? 1);
  const differs = shape.length === wanted.length && shape.some((side, i) => side !== wanted[i]);
  if (differs || shape.reduce((product, side) => product * side, 1) !== inputs)
    throw new RangeError(`The model takes inputs of shape ${shown(asked)}, and the data's is ${shown(wanted)}.`);
  const [, ...answered] = given.outputs[0].shape;
  if (answered.length !== 1 || answered[0] !== outputs)
    throw new RangeError(
      `The model answers with shape ${shown(answered)}, where the run needs [${outputs}]: a logit for each output.`,
    );
  for (const layer of given.layers) refuse(layer);
  const logits = withoutSoftmax(given);
  const owners = given.layers.filter((layer) => sizeOf(layer) > 0);
  const last = owners.at(-1);
  if (last === undefined) throw new RangeError("The model has no weights that can be trained.");
  const features = inputOf(last);
  if (features === undefined)
    throw new RangeError(`The model's last layer with weights, "${last.name}", must have one input and be used once.`);
  const weights = given.trainableWeights;
  return {
    model: tf.model({ inputs: given.inputs, outputs: [features, logits] }),
    shape,
    weights,
    statistics: given.layers.flatMap((layer) =>
      layer.nonTrainableWeights.filter((weight) => /moving_(mean|variance)$/.test(weight.originalName)),
    ),
    layers: owners.map(sizeOf),
    dense: denseLayers(given),
  };
}

const shown = (shape: readonly (number | null)[]): string => `[${shape.map((side) => side ?? "?").join(", ")}]`;

/** What a layer is fed, where that is one thing. */
const inputOf = (layer: Layer): tf.SymbolicTensor | undefined =>
  layer.inboundNodes.length === 1 && !Array.isArray(layer.input) ? layer.input : undefined;

/** A network's loss is its batch's alone, and one query does not depend on another. */
function refuse(layer: Layer): void {
  const { name } = layer;
  const asks = layer as unknown as Record<string, unknown>;
  for (const field of [
    "kernelRegularizer",
    "biasRegularizer",
    "gammaRegularizer",
    "betaRegularizer",
    "activityRegularizer",
  ])
    if (asks[field] !== null && asks[field] !== undefined)
      throw new RangeError(
        `The model's layer "${name}" has a ${field}, but a network's loss is its batch's alone; leave it out.`,
      );
  if (layer.weights.some((weight) => weight.constraint !== null && weight.constraint !== undefined))
    throw new RangeError(
      `The model's layer "${name}" has a constraint on its weights, which learners do not know of; leave it out.`,
    );
  if (asks.stateful === true)
    throw new RangeError(
      `The model's layer "${name}" is stateful: its answers would depend on what it was asked before.`,
    );
  if (Array.isArray(asks.layers)) for (const inner of asks.layers as Layer[]) refuse(inner);
}

/** The model's answer before a softmax at its end: logits. */
function withoutSoftmax(model: tf.LayersModel): tf.SymbolicTensor {
  const [output] = model.outputs;
  const last = output.sourceLayer;
  if (classOf(last) === "Softmax" || (classOf(last) === "Activation" && activationOf(last) === "softmax"))
    return last.input as tf.SymbolicTensor;
  if (activationOf(last) === "softmax")
    Object.assign(last, {
      activation: (tf.layers.activation({ activation: "linear" }) as { activation?: unknown }).activation,
    });
  return output;
}

/** The layers of a model that is a row of dense ones with ReLU or nothing behind them; otherwise nothing. */
function denseLayers(model: tf.LayersModel): DenseLayer[] | undefined {
  const dense: DenseLayer[] = [];
  let before: unknown = model.inputs[0];
  for (const layer of model.layers) {
    const kind = classOf(layer);
    if (kind === "InputLayer") continue;
    const input = inputOf(layer);
    if (input === undefined || input !== before) return undefined;
    before = layer.output;
    if (kind === "Flatten") continue;
    if (kind === "Softmax" && layer === model.layers.at(-1)) continue;
    const [kernel, bias] = layer.trainableWeights;
    const activation = activationOf(layer);
    const straight = kind === "Dense" && kernel?.shape.length === 2 && bias?.shape.length === 1;
    if (!straight || input.shape.length !== 2 || !/^(linear|relu)$/.test(activation)) return undefined;
    dense.push({ inputs: kernel.shape[0]!, outputs: kernel.shape[1]!, relu: activation === "relu" });
  }
  return dense.at(-1)?.relu === false ? dense : undefined;
}
