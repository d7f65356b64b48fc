import type { Example } from "@everlearn/contracts";

/** A ReLU network with softmax cross-entropy: dense loops in double precision over a flat θ of weights [in][out], then biases. */
export interface Oracle {
  readonly theta: Float64Array;
  /** ∇(mean loss) at θ. */
  gradient(batch: readonly Example[]): Float64Array;
}

/** @param sizes of the inputs, the hidden layers and the outputs */
export function oracle(initial: Float32Array, sizes: readonly number[]): Oracle {
  const theta = Float64Array.from(initial);
  const starts = sizes.map((_, l) => sizes.slice(1, l + 1).reduce((sum, n, k) => sum + (sizes[k] + 1) * n, 0));
  const weight = (l: number, i: number, j: number) => starts[l] + i * sizes[l + 1] + j;

  /** into ← into + scale · ∇loss */
  function add({ x, y, outputs }: Example, scale: number, into: Float64Array): void {
    const values = [Array.from(x, (v) => (x instanceof Uint8Array ? v / 255 : v))];
    for (let l = 0; l + 1 < sizes.length; l++) {
      const next: number[] = [];
      for (let j = 0; j < sizes[l + 1]; j++) {
        let a = theta[weight(l, sizes[l], j)];
        for (let i = 0; i < sizes[l]; i++) a += values[l][i] * theta[weight(l, i, j)];
        next.push(l + 2 < sizes.length && a < 0 ? 0 : a);
      }
      values.push(next);
    }
    const powers = values[sizes.length - 1].map((z, o) => (outputs && !outputs.includes(o) ? 0 : Math.exp(z)));
    const sum = powers.reduce((a, b) => a + b);
    let delta = powers.map((p, o) => p / sum - (o === y ? 1 : 0));
    for (let l = sizes.length - 2; l >= 0; l--) {
      const below: number[] = [];
      for (let i = 0; i <= sizes[l]; i++) {
        const value = i < sizes[l] ? values[l][i] : 1;
        let back = 0;
        for (let j = 0; j < sizes[l + 1]; j++) {
          into[weight(l, i, j)] += scale * value * delta[j];
          back += theta[weight(l, i, j)] * delta[j];
        }
        if (i < sizes[l]) below.push(value > 0 ? back : 0);
      }
      delta = below;
    }
  }

  return {
    theta,
    gradient(batch) {
      const into = new Float64Array(theta.length);
      for (const example of batch) add(example, 1 / batch.length, into);
      return into;
    },
  };
}

export const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i], 0);
