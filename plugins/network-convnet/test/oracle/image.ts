/** The sides of an image, channels last. */
export interface Shape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** Images of n examples, one after the other, row by row, channels last, and the loss's derivatives by them. */
export interface Images extends Shape {
  readonly n: number;
  readonly values: Float32Array;
  readonly deltas: Float32Array;
}

/** A computation of n examples, which can be followed back. */
export interface Pass {
  readonly theta: Float32Array;
  /** Whether batch norms that learn take the batch's own statistics, and move the running ones. */
  readonly training: boolean;
  /**
   * What back-propagates each step, in the order of computation: it adds to the derivatives of what the step read, and then
   * those by the step's parameters to `sums`, which may be θ itself.
   */
  readonly tape: ((sums: Float32Array) => void)[];
}

export const sizeOf = ({ height, width, channels }: Shape): number => height * width * channels;

/** Images of zeros. */
export function images(n: number, shape: Shape): Images {
  const { height, width, channels } = shape;
  const size = n * sizeOf(shape);
  return { n, height, width, channels, values: new Float32Array(size), deltas: new Float32Array(size) };
}

/** A row of all of an image's values. */
export const flat = (x: Shape): Shape => ({ height: 1, width: 1, channels: sizeOf(x) });
