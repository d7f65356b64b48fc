import type { Example } from "@everlearn/contracts";

/** A number that remembers what it was made of and how fast it grows with each of them. */
interface Scalar {
  readonly value: number;
  readonly made: readonly (readonly [of: Scalar, slope: number])[];
  /** ∂loss/∂this */
  adjoint: number;
}

/** A ReLU network in double precision whose gradient comes from the chain rule, number by number. */
export interface Oracle {
  /** The weights in the network's canonical order. */
  theta: number[];
  /** One step of SGD on one example's loss. */
  step(example: Example, rate: number, clip: number): void;
}

export function oracle(initial: Float32Array, sizes: readonly number[]): Oracle {
  /** The gradient of an example's loss at θ. */
  function gradient(theta: readonly number[], { x, y, outputs }: Example): number[] {
    const tape: Scalar[] = [];
    const note = (value: number, ...made: Scalar["made"]): Scalar => {
      const scalar = { value, made, adjoint: 0 };
      tape.push(scalar);
      return scalar;
    };
    const plus = (a: Scalar, b: Scalar) => note(a.value + b.value, [a, 1], [b, 1]);
    const times = (a: Scalar, b: Scalar) => note(a.value * b.value, [a, b.value], [b, a.value]);
    const relu = (a: Scalar) => (a.value > 0 ? note(a.value, [a, 1]) : note(0));
    const exp = (a: Scalar) => note(Math.exp(a.value), [a, Math.exp(a.value)]);
    const log = (a: Scalar) => note(Math.log(a.value), [a, 1 / a.value]);

    const weights = theta.map((value) => note(value));
    let at = 0;
    let values = Array.from(x, (v) => note(x instanceof Uint8Array ? v / 255 : v));
    for (let l = 1; l < sizes.length; l++) {
      const [n, from] = [sizes[l], at];
      const inputs = l > 1 ? values.map(relu) : values;
      at += (inputs.length + 1) * n;
      values = Array.from({ length: n }, (_, j) =>
        inputs.reduce((sum, input, i) => plus(sum, times(input, weights[from + i * n + j])), weights[at - n + j]),
      );
    }
    const among = values.filter((_, j) => !outputs || outputs.includes(j));
    const loss = plus(log(among.map(exp).reduce(plus)), times(note(-1), values[y]));
    loss.adjoint = 1;
    for (const { adjoint, made } of tape.toReversed()) for (const [of, slope] of made) of.adjoint += adjoint * slope;
    return weights.map(({ adjoint }) => adjoint);
  }

  return {
    theta: [...initial],
    step(example, rate, clip) {
      const slopes = gradient(this.theta, example);
      const norm = Math.hypot(...slopes);
      const scale = norm > clip ? clip / norm : 1;
      this.theta = this.theta.map((value, i) => value - rate * scale * slopes[i]);
    },
  };
}
