import type { Input } from "@everlearn/contracts";

/** An input and its targets p among some outputs: the loss is −weight · Σ p log softmax(z / temperature). */
export interface Lesson {
  readonly x: Input;
  readonly units: readonly number[];
  /** A number for each of the units. */
  readonly p: readonly number[];
  readonly temperature: number;
  readonly weight: number;
}

/** A network with one hidden ReLU layer. */
export interface Oracle {
  logits(theta: Float64Array, x: Input): number[];
  /** The sum of the losses. */
  loss(theta: Float64Array, lessons: readonly Lesson[]): number;
  /** The gradient of the sum of the losses. */
  gradient(theta: Float64Array, lessons: readonly Lesson[]): Float64Array;
}

/** softmax(z / temperature) over some units, a number for each of these. */
export function shares(z: readonly number[], units: readonly number[], temperature: number): number[] {
  const powers = units.map((o) => Math.exp(z[o] / temperature));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

/**
 * Dense loops in double precision, as in a textbook. θ is hidden weights [inputs][hidden], hidden biases, output weights
 * [hidden][outputs], output biases.
 */
export function oracle(inputs: number, hidden: number, outputs: number): Oracle {
  const [b1, w2] = [inputs * hidden, (inputs + 1) * hidden];
  const b2 = w2 + hidden * outputs;

  function forward(theta: Float64Array, x: Input): { value: number[]; h: number[]; z: number[] } {
    const value = Array.from(x, (v) => (x instanceof Uint8Array ? v / 255 : v));
    const h = Array.from({ length: hidden }, (_, j) => {
      let sum = theta[b1 + j];
      for (let i = 0; i < inputs; i++) sum += theta[i * hidden + j] * value[i];
      return sum > 0 ? sum : 0;
    });
    const z = Array.from({ length: outputs }, (_, o) => {
      let sum = theta[b2 + o];
      for (let j = 0; j < hidden; j++) sum += theta[w2 + j * outputs + o] * h[j];
      return sum;
    });
    return { value, h, z };
  }

  return {
    logits: (theta, x) => forward(theta, x).z,
    loss(theta, lessons) {
      let total = 0;
      for (const { x, units, p, temperature, weight } of lessons) {
        const q = shares(forward(theta, x).z, units, temperature);
        p.forEach((target, k) => (total -= weight * target * Math.log(q[k])));
      }
      return total;
    },
    gradient(theta, lessons) {
      const g = new Float64Array(theta.length);
      for (const { x, units, p, temperature, weight } of lessons) {
        const { value, h, z } = forward(theta, x);
        const q = shares(z, units, temperature);
        const delta = new Float64Array(outputs);
        units.forEach((o, k) => (delta[o] = (weight * (q[k] - p[k])) / temperature));
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
    },
  };
}
