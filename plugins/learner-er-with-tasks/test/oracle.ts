import type { Example } from "@everlearn/contracts";

/** Rows of numbers. */
type Matrix = number[][];

const product = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => b[0].map((_, j) => row.reduce((sum, value, i) => sum + value * b[i][j], 0)));
const transpose = (a: Matrix): Matrix => a[0].map((_, j) => a.map((row) => row[j]));

/** A ReLU network in double precision; a layer is a matrix whose last row are the biases, a batch goes through as one. */
export interface Oracle {
  /** The weights in the network's canonical order. */
  theta(): number[];
  /** One step of SGD on the sum of the groups' mean losses. */
  step(groups: readonly (readonly Example[])[], rate: number, clip: number): void;
}

export function oracle(initial: Float32Array, sizes: readonly number[]): Oracle {
  let at = 0;
  const row = (outputs: number) => [...initial.subarray(at, (at += outputs))];
  const layers: Matrix[] = sizes.slice(1).map((outputs, l) => Array.from({ length: sizes[l] + 1 }, () => row(outputs)));

  /** The gradient of a batch's mean loss. */
  function gradient(batch: readonly Example[]): Matrix[] {
    const seen: Matrix[] = [];
    let values = batch.map(({ x }) => Array.from(x, (v) => (x instanceof Uint8Array ? v / 255 : v)));
    layers.forEach((layer, l) => {
      seen.push(values.map((one) => [...(l > 0 ? one.map((z) => Math.max(z, 0)) : one), 1]));
      values = product(seen[l], layer);
    });
    let delta = values.map((z, i) => {
      const { y, outputs } = batch[i];
      const e = z.map((value, o) => (!outputs || outputs.includes(o) ? Math.exp(value) : 0));
      const sum = e.reduce((a, b) => a + b);
      return e.map((value, o) => (value / sum - (o === y ? 1 : 0)) / batch.length);
    });
    const slopes: Matrix[] = [];
    for (let l = layers.length - 1; l >= 0; l--) {
      slopes.unshift(product(transpose(seen[l]), delta));
      const back = product(delta, transpose(layers[l]));
      delta = back.map((one, i) => one.slice(0, -1).map((d, j) => (seen[l][i][j] > 0 ? d : 0)));
    }
    return slopes;
  }

  return {
    theta: () => layers.flat(2),
    step(groups, rate, clip) {
      const all = groups.map((group) => gradient(group));
      const sum = layers.map((layer, l) =>
        layer.map((line, i) => line.map((_, j) => all.reduce((total, slopes) => total + slopes[l][i][j], 0))),
      );
      const norm = Math.hypot(...sum.flat(2));
      const scale = norm > clip ? clip / norm : 1;
      layers.forEach((layer, l) => {
        layer.forEach((line, i) => line.forEach((_, j) => (line[j] -= rate * scale * sum[l][i][j])));
      });
    },
  };
}
