import type { Example } from "@everlearn/contracts";

/** A ReLU network in double precision that knows its loss only: its gradient is measured by central differences. */
export interface Oracle {
  /** The weights in the network's canonical order. */
  readonly theta: Float64Array;
  /** One step of SGD on the mean loss. */
  step(batch: readonly Example[], rate: number, clip: number): void;
}

export function oracle(initial: Float32Array, sizes: readonly number[]): Oracle {
  const theta = Float64Array.from(initial);

  function loss({ x, y, outputs }: Example): number {
    let at = 0;
    let values = Array.from(x, (value) => (x instanceof Uint8Array ? value / 255 : value));
    for (let l = 1; l < sizes.length; l++) {
      const next = new Array<number>(sizes[l]).fill(0);
      for (const value of [...values, 1]) for (let j = 0; j < next.length; j++) next[j] += value * theta[at++];
      values = l + 1 < sizes.length ? next.map((z) => Math.max(z, 0)) : next;
    }
    const among = values.filter((_, j) => !outputs || outputs.includes(j));
    return Math.log(among.reduce((sum, z) => sum + Math.exp(z), 0)) - values[y];
  }

  const mean = (batch: readonly Example[]) => batch.reduce((sum, example) => sum + loss(example), 0) / batch.length;

  return {
    theta,
    step(batch, rate, clip) {
      const h = 1e-5;
      const slopes = theta.map((value, i) => {
        theta[i] = value + h;
        const above = mean(batch);
        theta[i] = value - h;
        const below = mean(batch);
        theta[i] = value;
        return (above - below) / (2 * h);
      });
      const norm = Math.hypot(...slopes);
      const scale = norm > clip ? clip / norm : 1;
      slopes.forEach((slope, i) => (theta[i] -= rate * scale * slope));
    },
  };
}
