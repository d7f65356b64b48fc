import type { Network, Tensor } from "@everlearn/contracts";

/** A tensor of a network, and its place in θ's canonical order. */
export interface PlacedTensor extends Tensor {
  /** The place of its first value. */
  readonly from: number;
  /** The place behind its last value. */
  readonly to: number;
  /** The number of its layer's outputs. */
  readonly outputs: number;
  /** The output that the value at a place in θ belongs to. */
  outputAt(place: number): number;
  /** Whether it is the last layer's, from features to logits. */
  readonly isLast: boolean;
}

/**
 * What θ consists of, in canonical order.
 * @param learner the name of the learner that asks, for the error
 * @throws RangeError if the network does not say
 */
export function tensorsOf({ tensors, layers }: Pick<Network, "tensors" | "layers">, learner: string): PlacedTensor[] {
  if (tensors === undefined)
    throw new RangeError(
      `Learner ${learner} has to know which parameters are weights, which this network does not say; use one that does, such as mlp or convnet.`,
    );
  let to = 0;
  return tensors.map((tensor) => {
    const { shape, axis, layer } = tensor;
    const [size, row] = [shape, shape.slice(axis + 1)].map((sides) =>
      sides.reduce((product, side) => product * side, 1),
    );
    const from = to;
    to += size;
    return {
      ...tensor,
      from,
      to,
      outputs: shape[axis],
      outputAt: (place) => Math.floor((place - from) / row) % shape[axis],
      isLast: layer === layers.length - 1,
    };
  });
}
