import type { Input } from "@everlearn/contracts";

/** An input and the derivative of its loss by the logits z. */
export interface Lesson {
  readonly x: Input;
  readonly delta: (z: readonly number[]) => readonly number[];
}

/** A network with one hidden ReLU layer, of dense loops in double precision. */
export interface Oracle {
  /** In network-mlp's order: hidden weights [inputs][hidden], biases, output weights [hidden][outputs], biases. */
  readonly theta: Float64Array;
  features(x: Input): number[];
  logits(x: Input): number[];
  /** θ ← θ − rate · Σ ∇loss. */
  step(lessons: readonly Lesson[], rate: number): void;
}

export function oracle(initial: Float32Array, inputs: number, hidden: number, outputs: number): Oracle {
  const theta = Float64Array.from(initial);
  const [b1, w2] = [inputs * hidden, (inputs + 1) * hidden];
  const b2 = w2 + hidden * outputs;
  const valuesOf = (x: Input) => Array.from(x, (v) => (x instanceof Uint8Array ? v / 255 : v));

  function features(x: Input): number[] {
    const h = Array.from(theta.subarray(b1, w2));
    valuesOf(x).forEach((v, i) => {
      for (let j = 0; j < hidden; j++) h[j] += v * theta[i * hidden + j];
    });
    return h.map((v) => (v > 0 ? v : 0));
  }

  function logits(x: Input): number[] {
    const z = Array.from(theta.subarray(b2));
    features(x).forEach((v, j) => {
      for (let o = 0; o < outputs; o++) z[o] += v * theta[w2 + j * outputs + o];
    });
    return z;
  }

  return {
    theta,
    features,
    logits,
    step(lessons, rate) {
      const g = new Float64Array(theta.length);
      for (const { x, delta } of lessons) {
        const h = features(x);
        const d = delta(logits(x));
        for (let o = 0; o < outputs; o++) g[b2 + o] += d[o];
        for (let j = 0; j < hidden; j++) {
          let back = 0;
          for (let o = 0; o < outputs; o++) {
            g[w2 + j * outputs + o] += d[o] * h[j];
            back += d[o] * theta[w2 + j * outputs + o];
          }
          if (h[j] === 0) continue;
          g[b1 + j] += back;
          valuesOf(x).forEach((v, i) => (g[i * hidden + j] += back * v));
        }
      }
      for (let i = 0; i < g.length; i++) theta[i] -= rate * g[i];
    },
  };
}
