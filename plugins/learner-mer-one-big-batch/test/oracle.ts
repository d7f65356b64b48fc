import type { Example } from "@everlearn/contracts";

/** A ReLU network in double precision, one example at a time: each layer asks the next one what its outputs cost. */
export interface Oracle {
  /** The weights in the network's canonical order. */
  readonly theta: Float64Array;
  /** One step of SGD on one example's loss. */
  step(example: Example, rate: number, clip: number): void;
}

export function oracle(initial: Float32Array, sizes: readonly number[]): Oracle {
  const theta = Float64Array.from(initial);
  const starts = [0];
  for (let l = 0; l + 1 < sizes.length; l++) starts.push(starts[l] + (sizes[l] + 1) * sizes[l + 1]);

  /** Writes the gradient of layers l and above. @returns ∂loss/∂input */
  function pass(l: number, input: readonly number[], example: Example, slope: Float64Array): number[] {
    const [start, n] = [starts[l], sizes[l + 1]];
    const bias = start + input.length * n;
    const z: number[] = [];
    for (let j = 0; j < n; j++) {
      let sum = theta[bias + j];
      for (let i = 0; i < input.length; i++) sum += input[i] * theta[start + i * n + j];
      z.push(sum);
    }
    let cost: number[];
    if (l + 2 < sizes.length) {
      const above = pass(
        l + 1,
        z.map((value) => (value > 0 ? value : 0)),
        example,
        slope,
      );
      cost = above.map((value, j) => (z[j] > 0 ? value : 0));
    } else {
      const { y, outputs } = example;
      const among = outputs ?? z.map((_, j) => j);
      let sum = 0;
      for (const j of among) sum += Math.exp(z[j]);
      cost = z.map((value, j) => (among.includes(j) ? Math.exp(value) / sum : 0) - (j === y ? 1 : 0));
    }
    const down = input.map(() => 0);
    for (let j = 0; j < n; j++) {
      slope[bias + j] = cost[j];
      for (let i = 0; i < input.length; i++) {
        slope[start + i * n + j] = input[i] * cost[j];
        down[i] += theta[start + i * n + j] * cost[j];
      }
    }
    return down;
  }

  return {
    theta,
    step(example, rate, clip) {
      const slope = new Float64Array(theta.length);
      const { x } = example;
      pass(
        0,
        Array.from(x, (value) => (x instanceof Uint8Array ? value / 255 : value)),
        example,
        slope,
      );
      const norm = Math.hypot(...slope);
      const scale = norm > clip ? clip / norm : 1;
      slope.forEach((value, i) => (theta[i] -= rate * scale * value));
    },
  };
}
