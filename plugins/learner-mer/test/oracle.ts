import type { Example } from "@everlearn/contracts";

/** A textbook SGD on a network with one hidden ReLU layer, of dense loops in double precision over float32 weights. */
export interface Oracle {
  /** Hidden weights [hidden][inputs], hidden biases, output weights [outputs][hidden], output biases. */
  readonly theta: Float32Array;
  /** One step on the mean loss. */
  step(batch: readonly Example[], rate: number, clip?: number): void;
}

/** @param theta its weights, which it changes */
export function oracle(theta: Float32Array, inputs: number, hidden: number, outputs: number): Oracle {
  const [b1, w2] = [hidden * inputs, hidden * (inputs + 1)];
  const b2 = w2 + outputs * hidden;

  function gradient({ x, y, outputs: mask }: Example): Float64Array {
    const value = Array.from(x, (v) => (x instanceof Uint8Array ? v / 255 : v));
    const h: number[] = [];
    for (let j = 0; j < hidden; j++) {
      let a = theta[b1 + j];
      for (let i = 0; i < inputs; i++) a += theta[j * inputs + i] * value[i];
      h.push(a > 0 ? a : 0);
    }
    const power: number[] = [];
    for (let o = 0; o < outputs; o++) {
      let z = theta[b2 + o];
      for (let j = 0; j < hidden; j++) z += theta[w2 + o * hidden + j] * h[j];
      power.push(mask && !mask.includes(o) ? 0 : Math.exp(z));
    }
    const sum = power.reduce((a, b) => a + b);
    const delta = power.map((p, o) => p / sum - (o === y ? 1 : 0));
    const g = new Float64Array(theta.length);
    for (let o = 0; o < outputs; o++) {
      g[b2 + o] = delta[o];
      for (let j = 0; j < hidden; j++) g[w2 + o * hidden + j] = delta[o] * h[j];
    }
    for (let j = 0; j < hidden; j++) {
      let back = 0;
      for (let o = 0; o < outputs; o++) back += delta[o] * theta[w2 + o * hidden + j];
      if (h[j] === 0) back = 0;
      g[b1 + j] = back;
      for (let i = 0; i < inputs; i++) g[j * inputs + i] = back * value[i];
    }
    return g;
  }

  return {
    theta,
    step(batch, rate, clip = Infinity) {
      const mean = new Float64Array(theta.length);
      for (const example of batch) {
        const g = gradient(example);
        for (let i = 0; i < g.length; i++) mean[i] += g[i] / batch.length;
      }
      const norm = Math.hypot(...mean);
      const scale = norm > clip ? clip / norm : 1;
      for (let i = 0; i < mean.length; i++) theta[i] -= rate * scale * mean[i];
    },
  };
}
