/** The addresses of a way back through a convolution. */
interface Back {
  readonly theta: number;
  /** Derivatives by the outputs. */
  readonly outDelta: number;
  readonly x: number;
  /** Where derivatives by the inputs are added; 0: they are not wanted. */
  readonly xDelta: number;
  /** The vector to which derivatives by the weights are added, which may be θ; 0: they are not wanted. */
  readonly gradient: number;
  readonly n: number;
}

/** How a convolution computes, its bias's gradient apart. */
export interface Method {
  forward(theta: number, x: number, out: number, bias: number, n: number): void;
  backward(back: Back): void;
}
