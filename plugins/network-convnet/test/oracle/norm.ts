import { type Images, images, type Pass } from "./image.js";
import type { Part } from "./plan.js";

const f = Math.fround;

/** Numbers that have a mean in common: the same groups of channels, in the same examples. */
interface Set {
  /** From which example to before which. */
  readonly first: number;
  readonly end: number;
  /** Adjacent channels that are taken together; all of them are in groups of this size. */
  readonly together: number;
  /** The numbers of a mean, and 1 / that. */
  readonly count: number;
  readonly share: number;
}

/** Of each channel. */
interface Statistics {
  readonly mean: Float32Array;
  readonly variance: Float32Array;
}

/** For each channel of a set: Σ term(place) over pixels, summed over the set's examples. */
function sumsOf({ first, end }: Set, x: Images, term: (place: number, channel: number) => number): Float32Array {
  const pixels = x.height * x.width;
  const totals = new Float32Array(x.channels);
  for (let c = 0; c < x.channels; c++)
    for (let example = first; example < end; example++) {
      let sum = 0;
      for (let p = 0; p < pixels; p++) sum = f(sum + term((example * pixels + p) * x.channels + c, c));
      totals[c] = f(totals[c] + sum);
    }
  return totals;
}

/** For each channel: the sum over the channels that it is together with. */
function joined({ together }: Set, sums: Float32Array): Float32Array {
  if (together === 1) return sums;
  return sums.map((_, c) => {
    const first = c - (c % together);
    let total = 0;
    for (let i = first; i < first + together; i++) total = f(total + sums[i]);
    return total;
  });
}

function statisticsOf(set: Set, x: Images): Statistics {
  const means = (term: (place: number, channel: number) => number) =>
    joined(set, sumsOf(set, x, term)).map((sum) => f(sum * set.share));
  const mean = means((i) => x.values[i]);
  const variance = means((i, c) => {
    const d = f(x.values[i] - mean[c]);
    return f(d * d);
  });
  return { mean, variance };
}

export function norm({ theta, training, tape }: Pass, { layer, at, input, output, frozen }: Part, x: Images): Images {
  if (layer.layer !== "batch norm" && layer.layer !== "group norm") throw new TypeError();
  const { channels } = input;
  const pixels = input.height * input.width;
  const epsilon = f(layer.epsilon ?? 1e-5);
  const parameters = (k: number) => theta.subarray(at + k * channels, at + (k + 1) * channels);
  const [gamma, beta] = [parameters(0), parameters(1)];
  const isBatch = layer.layer === "batch norm";
  const isOwn = !isBatch || (training && !frozen); // else the running ones
  const y = images(x.n, output);

  const setOf = (first: number, end: number, together: number): Set => {
    const count = f((end - first) * pixels * together);
    return { first, end, together, count, share: f(1 / count) };
  };
  const sets = isBatch
    ? [setOf(0, x.n, 1)]
    : Array.from({ length: x.n }, (_, example) => setOf(example, example + 1, channels / layer.groups));

  const seen = sets.map((set) => {
    const { mean, variance } = isOwn
      ? statisticsOf(set, x)
      : { mean: parameters(2).slice(), variance: parameters(3).slice() };
    const inverse = variance.map((value) => f(1 / f(Math.sqrt(f(value + epsilon)))));
    const slope = inverse.map((value, c) => f(gamma[c] * value));
    const shift = slope.map((value, c) => f(beta[c] - f(mean[c] * value)));
    for (let i = set.first * pixels * channels; i < set.end * pixels * channels; i++)
      y.values[i] = f(f(x.values[i] * slope[i % channels]) + shift[i % channels]);
    return { set, mean, variance, inverse, slope };
  });

  if (isBatch && isOwn) {
    const [{ set, mean, variance }] = seen;
    const momentum = f(layer.momentum ?? 0.1);
    const unbiased = f(set.count / f(set.count - 1));
    const move = (running: Float32Array, now: (c: number) => number) =>
      running.forEach((value, c) => (running[c] = f(value + f(momentum * f(now(c) - value)))));
    move(parameters(2), (c) => mean[c]);
    move(parameters(3), (c) => f(variance[c] * unbiased));
  }

  tape.push((sums) => {
    const totals = [new Float32Array(channels), new Float32Array(channels)]; // of γ, β
    for (const { set, mean, inverse, slope } of seen) {
      const standard = (i: number, c: number) => f(f(x.values[i] - mean[c]) * inverse[c]);
      const deltas = sumsOf(set, x, (i) => y.deltas[i]);
      const products = sumsOf(set, x, (i, c) => f(y.deltas[i] * standard(i, c)));
      [products, deltas].forEach((sum, k) => sum.forEach((value, c) => (totals[k][c] = f(totals[k][c] + value))));
      const [a, b] = [deltas, products].map((sum) => {
        if (!isOwn) return new Float32Array(channels);
        const weighed = sum.map((value, c) => f(value * gamma[c]));
        return joined(set, weighed).map((value, c) => f(f(value * set.share) * inverse[c]));
      });
      for (let i = set.first * pixels * channels; i < set.end * pixels * channels; i++) {
        const c = i % channels;
        const delta = f(f(f(slope[c] * y.deltas[i]) - a[c]) - f(standard(i, c) * b[c]));
        x.deltas[i] = f(x.deltas[i] + delta);
      }
    }
    if (frozen) return;
    totals.forEach((total, k) =>
      total.forEach((value, c) => {
        const place = at + k * channels + c;
        sums[place] = f(sums[place] + value);
      }),
    );
  });
  return y;
}
