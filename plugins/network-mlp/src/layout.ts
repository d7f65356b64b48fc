import { type Layout, rowOf } from "@everlearn/wasm";

/** A dense layer, and where its parameters lie, in float32 from the beginning of θ. */
export interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  /** Row length: `outputs` rounded up to a multiple of 4; the padding is always 0. */
  readonly stride: number;
  readonly weights: number;
  readonly biases: number;
}

/** The layers of sizes[0] → sizes[1] → …, side by side in θ. */
export function layersOf(sizes: readonly number[]): Layer[] {
  let length = 0;
  return sizes.slice(1).map((outputs, i) => {
    const inputs = sizes[i];
    const stride = rowOf(outputs);
    const weights = length;
    const biases = weights + inputs * stride;
    length = biases + stride;
    return { inputs, outputs, stride, weights, biases };
  });
}

/** How θ lies in memory; a layer's biases follow its weights as one more row. */
export function layoutOf(layers: readonly Layer[]): Layout {
  const { biases, stride } = layers[layers.length - 1];
  return {
    length: biases + stride,
    blocks: layers.map(({ inputs, outputs, stride, weights }) => ({
      offset: weights,
      rows: inputs + 1,
      columns: outputs,
      stride,
    })),
  };
}
