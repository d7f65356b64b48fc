import type { Example } from "@everlearn/contracts";

/** The gradient of the mean cross-entropy on a network with one hidden ReLU layer. */
export type Gradient = (theta: Float64Array, batch: readonly Example[]) => Float64Array;

/**
 * Dense loops in double precision, as in a textbook. θ is hidden weights [inputs][hidden], hidden biases, output weights
 * [hidden][outputs], output biases.
 */
export function oracle(inputs: number, hidden: number, outputs: number): Gradient {
  const [b1, w2] = [inputs * hidden, (inputs + 1) * hidden];
  const b2 = w2 + hidden * outputs;
  return (theta, batch) => {
    const g = new Float64Array(theta.length);
    for (const { x, y, outputs: units } of batch) {
      const value = Array.from(x, (v) => (x instanceof Uint8Array ? v / 255 : v));
      const h = Array.from({ length: hidden }, (_, j) => {
        let sum = theta[b1 + j];
        for (let i = 0; i < inputs; i++) sum += theta[i * hidden + j] * value[i];
        return sum > 0 ? sum : 0;
      });
      const power = Array.from({ length: outputs }, (_, o) => {
        let z = theta[b2 + o];
        for (let j = 0; j < hidden; j++) z += theta[w2 + j * outputs + o] * h[j];
        return units && !units.includes(o) ? 0 : Math.exp(z);
      });
      const sum = power.reduce((a, b) => a + b);
      const delta = power.map((p, o) => (p / sum - (o === y ? 1 : 0)) / batch.length);
      for (let o = 0; o < outputs; o++) g[b2 + o] += delta[o];
      for (let j = 0; j < hidden; j++) {
        let back = 0;
        for (let o = 0; o < outputs; o++) {
          g[w2 + j * outputs + o] += delta[o] * h[j];
          if (h[j] > 0) back += delta[o] * theta[w2 + j * outputs + o];
        }
        g[b1 + j] += back;
        for (let i = 0; i < inputs; i++) g[i * hidden + j] += back * value[i];
      }
    }
    return g;
  };
}
