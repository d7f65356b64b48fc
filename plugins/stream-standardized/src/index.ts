import type { Examples, Input, OptionsFor, Plugin, Stream } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { withTraining } from "@everlearn/examples";

const options = {
  examples: {
    type: "integer",
    minimum: 0,
    default: 0,
    description: "How many of the first experience's examples, from its beginning, it is fitted to; 0: all of them.",
  },
  mean: {
    type: "array",
    items: { type: "number" },
    default: [],
    description: "The means, one for each input value or one for all; empty: those of the first experience.",
  },
  deviation: {
    type: "array",
    items: { type: "number", minimum: 0 },
    default: [],
    description: "The standard deviations, one for each input value or one for all; empty: the first experience's.",
  },
} as const;

/**
 * Another stream with each input value x replaced by (x − μ)/σ, as float32, in training and test examples alike. μ and σ are
 * given, or those of the first experience's training examples (with divisor n): of what comes later nothing is known before
 * it comes. A value that is always the same there has σ = 1. Bytes count as byte/255.
 * @throws RangeError where given means or deviations do not fit the inputs
 */
export function standardized(given: OptionsFor<typeof options>, { of: stream }: { of: Stream }): Stream {
  const { examples, mean, deviation } = withDefaults(options, given);
  const size = stream.shape.reduce((product, n) => product * n, 1);
  const fitted = mean.length > 0 && deviation.length > 0 ? undefined : fit(stream.train(0), size, examples);
  const mu = spread("mean", mean, size) ?? fitted!.mean;
  const sigma = spread("deviation", deviation, size) ?? fitted!.deviation;
  if (sigma.includes(0))
    throw new RangeError("stream-standardized divides by deviations, of which one is 0; leave that value at 1.");

  function over(source: Examples): Examples {
    const scratch = source.length > 0 && source.input(0) instanceof Uint8Array ? new Uint8Array(size) : undefined;
    return {
      length: source.length,
      label: (i) => source.label(i),
      input(i, into = new Float32Array(size)) {
        if (!(into instanceof Float32Array))
          throw new RangeError("stream-standardized has floats, which do not fit into bytes; ask for them as floats.");
        const [x, unit] = scratch ? [source.input(i, scratch), 255] : [source.input(i, into), 1];
        for (let j = 0; j < size; j++) into[j] = (x[j] / unit - mu[j]) / sigma[j];
        return into;
      },
    };
  }

  const { experiences, boundaries } = stream;
  const train: Stream["train"] = (experience) => {
    const source = stream.train(experience);
    return { ...over(source), task: (i) => source.task(i) };
  };
  return { ...withTraining(stream, { experiences, boundaries, train }), test: (task) => over(stream.test(task)) };
}

/** The values as one for each input value; undefined: none are given. */
function spread(name: string, values: readonly number[], size: number): Float64Array | undefined {
  if (values.length === 0) return undefined;
  if (values.length === 1) return new Float64Array(size).fill(values[0]);
  if (values.length === size) return Float64Array.from(values);
  throw new RangeError(
    `stream-standardized was given ${values.length} values of "${name}", where inputs have ${size}; give ${size}, or one for all.`,
  );
}

/** Each value's mean and deviation over the first `most` examples; 0: all. Sums are over examples in their order. */
function fit(source: Examples, size: number, most: number): { mean: Float64Array; deviation: Float64Array } {
  const count = Math.min(most || source.length, source.length);
  if (count === 0) throw new RangeError("stream-standardized has no examples in the first experience to be fitted to.");
  const values = (i: number): [Input, number] => {
    const x = source.input(i);
    return [x, x instanceof Uint8Array ? 255 : 1];
  };
  const mean = new Float64Array(size);
  for (let i = 0; i < count; i++) {
    const [x, unit] = values(i);
    for (let j = 0; j < size; j++) mean[j] += x[j] / unit;
  }
  for (let j = 0; j < size; j++) mean[j] /= count;
  const squares = new Float64Array(size);
  for (let i = 0; i < count; i++) {
    const [x, unit] = values(i);
    for (let j = 0; j < size; j++) squares[j] += (x[j] / unit - mean[j]) * (x[j] / unit - mean[j]);
  }
  // Rounding may leave a trace of a deviation where all values are the same.
  const isConstant = (j: number): boolean => squares[j] <= count * 1e-30 * mean[j] * mean[j];
  return { mean, deviation: squares.map((sum, j) => (isConstant(j) ? 1 : Math.sqrt(sum / count))) };
}

const plugin: Plugin<"stream", typeof options, "of"> = {
  kind: "stream",
  name: "standardized",
  contract: 2,
  description: "Another stream whose inputs have mean 0 and deviation 1, as far as its first experience tells.",
  options,
  needs: ["of"],
  create: standardized,
};
export default plugin;
