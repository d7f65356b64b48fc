import type { Example } from "@everlearn/contracts";

/** A ReLU network of dense loops in double precision; θ is in network-mlp's order: weights [in][out], biases, per layer. */
export interface Oracle {
  /** The cross-entropy of an example among its outputs, in nats. */
  loss(theta: Float64Array, example: Example): number;
  /** The gradient of the mean loss. */
  gradient(theta: Float64Array, batch: readonly Example[]): Float64Array;
}

/** @param sizes the layers', inputs and outputs included */
export function oracle(...sizes: readonly number[]): Oracle {
  const starts = [0];
  sizes.slice(1).forEach((outputs, l) => starts.push(starts[l] + (sizes[l] + 1) * outputs));
  const last = sizes.length - 1;

  /** The values of every layer, the inputs first, the logits last. */
  function forward(theta: Float64Array, { x }: Example): number[][] {
    const values = [Array.from(x, (v) => (x instanceof Uint8Array ? v / 255 : v))];
    for (let l = 0; l < last; l++) {
      const z = Array.from({ length: sizes[l + 1] }, (_, o) => {
        let sum = theta[starts[l] + sizes[l] * sizes[l + 1] + o];
        for (let i = 0; i < sizes[l]; i++) sum += values[l][i] * theta[starts[l] + i * sizes[l + 1] + o];
        return sum;
      });
      values.push(l + 1 < last ? z.map((v) => (v > 0 ? v : 0)) : z);
    }
    return values;
  }

  function softmax(z: number[], outputs: readonly number[] | undefined): number[] {
    const powers = z.map((v, o) => (outputs && !outputs.includes(o) ? 0 : Math.exp(v)));
    const sum = powers.reduce((a, b) => a + b);
    return powers.map((power) => power / sum);
  }

  return {
    loss: (theta, example) => -Math.log(softmax(forward(theta, example)[last], example.outputs)[example.y]),
    gradient(theta, batch) {
      const g = new Float64Array(theta.length);
      for (const example of batch) {
        const values = forward(theta, example);
        let delta = softmax(values[last], example.outputs).map((p, o) => p - (o === example.y ? 1 : 0));
        for (let l = last - 1; l >= 0; l--) {
          const back = values[l].map(() => 0);
          delta.forEach((d, o) => {
            g[starts[l] + sizes[l] * sizes[l + 1] + o] += d / batch.length;
            values[l].forEach((v, i) => {
              const at = starts[l] + i * sizes[l + 1] + o;
              g[at] += (d * v) / batch.length;
              back[i] += d * theta[at];
            });
          });
          delta = back.map((d, i) => (values[l][i] > 0 ? d : 0));
        }
      }
      return g;
    },
  };
}
