/** Where a layer's numbers lie, in float32 from the beginning of θ. */
export interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  /** Row length: `outputs` rounded up to a multiple of 4; the padding is always 0. */
  readonly stride: number;
  readonly weights: number;
  readonly biases: number;
}

/** The layers of sizes[0] → sizes[1] → … and the length of θ, padding included. */
export function layout(sizes: readonly number[]): { layers: readonly Layer[]; length: number } {
  let length = 0;
  const layers = sizes.slice(1).map((outputs, i) => {
    const inputs = sizes[i];
    const stride = Math.ceil(outputs / 4) * 4;
    const weights = length;
    const biases = weights + inputs * stride;
    length = biases + stride;
    return { inputs, outputs, stride, weights, biases };
  });
  return { layers, length };
}

/** Calls `run(padded, canonical, n)` for every run of n numbers that lie side by side in both orders. */
export function eachRun(layers: readonly Layer[], run: (padded: number, canonical: number, n: number) => void): void {
  let canonical = 0;
  for (const { inputs, outputs, stride, weights } of layers) {
    // The biases follow the weights as one more row.
    for (let row = 0; row <= inputs; row++) {
      run(weights + row * stride, canonical, outputs);
      canonical += outputs;
    }
  }
}

/** The number of parameters, padding left out. */
export function parameters(layers: readonly Layer[]): number {
  return layers.reduce((n, { inputs, outputs }) => n + (inputs + 1) * outputs, 0);
}
