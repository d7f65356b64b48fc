import type { Network, Query, Tensor } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import type { Check } from "./check.js";
import { difference } from "./difference.js";
import type { NetworkTrial } from "./network-trial.js";
import { someExamples } from "./terms.js";

const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * b[i], 0);
const length = (a: Float64Array) => Math.sqrt(dot(a, a));

/** Takes away from a vector what lies along each of some orthonormal ones. */
function rest(of: Float64Array, basis: readonly Float64Array[]): Float64Array {
  const left = of.slice();
  for (const unit of basis) {
    const along = dot(left, unit);
    for (let i = 0; i < left.length; i++) left[i] -= along * unit[i];
  }
  return left;
}

/** Column `c` of `rows` rows of numbers. */
const column = (values: Float32Array, rows: number, c: number) =>
  Float64Array.from({ length: rows }, (_, row) => values[(row * values.length) / rows + c]);

/** The first logit that is no affine function of the features: no combination of their columns and of ones. */
function unexplained(network: Network, queries: readonly Query[], features: Float32Array): number {
  const n = queries.length;
  const logits = network.logits(queries);
  const columns = Array.from({ length: features.length / n }, (_, c) => column(features, n, c));
  const basis: Float64Array[] = [];
  for (const one of [new Float64Array(n).fill(1), ...columns]) {
    const left = rest(rest(one, basis), basis); // twice: once is not enough where columns are nearly alike
    const size = length(left);
    if (size > 1e-5 * length(one)) basis.push(left.map((value) => value / size));
  }
  for (let o = 0; o < network.outputs; o++) {
    const z = column(logits, n, o);
    if (!(length(rest(z, basis)) <= 1e-3 * length(z))) return o;
  }
  return -1;
}

/** How tensors differ from the layers that they are parts of. */
function misplaced({ layers, tensors = [] }: Network): string | undefined {
  const sizes = layers.map(() => 0);
  for (const [i, { layer, shape, axis }] of tensors.entries()) {
    if (!(layer in layers) || layer < (tensors[i - 1]?.layer ?? 0)) return `tensors[${i}] is of layer ${layer}`;
    if (!(axis in shape)) return `tensors[${i}] of ${shape.length} dimensions has its outputs along dimension ${axis}`;
    sizes[layer] += sizeOf(shape);
  }
  return difference(sizes, [...layers], "the sizes of the layers' tensors");
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, side) => product * side, 1);

/** The output that a tensor's value at a place belongs to. */
const outputAt = ({ shape, axis }: Tensor, place: number) =>
  Math.floor(place / sizeOf(shape.slice(axis + 1))) % shape[axis];

/** What `layers`, `tensors` and `features` must be. */
export const featureChecks: readonly Check<NetworkTrial>[] = [
  {
    name: "layers",
    must: "say the number of parameters of each layer in θ's order, the one from features to logits last",
    async run({ make }) {
      const network = await make();
      const { layers } = network;
      const theta = network.theta.toArray();
      const odd = layers.find((count) => !(Number.isInteger(count) && count >= 1));
      if (odd !== undefined) return `one has ${odd} parameters`;
      const sum = layers.reduce((total, count) => total + count, 0);
      if (sum !== theta.length) return `together they have ${sum} where θ has ${theta.length}`;
      const queries = someExamples(5, network);
      const before = network.features(queries);
      const [first] = network.logits(queries);
      const draw = random(18, "last layer");
      const last = theta.length - layers[layers.length - 1];
      const replaceLast = (value: () => number) =>
        network.theta.fromArray(theta.map((old, i) => (i < last ? old : value())));
      replaceLast(() => 2 * draw.uniform() - 1);
      const moved = difference(network.features(queries), before, "features");
      if (moved) return `with another last layer, ${moved}`;
      if (network.logits(queries)[0] === first) return "with another last layer, the logits are the same";
      replaceLast(() => 0);
      const { outputs } = network;
      const logits = network.logits(queries);
      const apart = logits.findIndex((z, i) => z !== logits[i % outputs]);
      return apart < 0 ? undefined : `with a last layer of zeros, logit ${apart % outputs} still depends on the query`;
    },
  },
  {
    name: "tensors",
    must: "say, where it says it at all, which parameters each layer's tensors are, and along which dimension its outputs lie",
    async run({ make }) {
      const network = await make();
      const { tensors, layers, outputs } = network;
      if (tensors === undefined) return undefined;
      const wrong = misplaced(network);
      if (wrong) return wrong;
      const values = network.theta.toArray().map((value, i) => value + 0.01 * (1 + (i % 5)));
      network.theta.fromArray(values);
      const queries = someExamples(5, network);
      const logits = network.logits(queries);
      let at = values.length - layers[layers.length - 1];
      for (const tensor of tensors.filter(({ layer }) => layer === layers.length - 1)) {
        if (tensor.shape[tensor.axis] !== outputs)
          return `the last layer's ${tensor.kind} have ${tensor.shape[tensor.axis]} outputs of ${outputs}`;
        for (let i = 0; i < sizeOf(tensor.shape); i++, at++) if (outputAt(tensor, i) === outputs - 1) values[at] = 0;
      }
      network.theta.fromArray(values);
      const expected = logits.map((z, i) => (i % outputs === outputs - 1 ? 0 : z));
      return difference(network.logits(queries), expected, "without the last output's weights and bias, logits");
    },
  },
  {
    name: "features",
    must: "answer as features the same number of values for each query, of which the logits are an affine function",
    async run({ make }) {
      const network = await make();
      const [one] = someExamples(1, network);
      const count = network.features([one]).length;
      if (count < 1) return "it has no features";
      const queries = someExamples(2 * count + 8, network);
      const features = network.features(queries);
      if (!(features instanceof Float32Array)) return "features did not answer a Float32Array";
      if (features.length !== count * queries.length)
        return `it answered ${count} for one query and ${features.length} for ${queries.length}`;
      const wrong = unexplained(network, queries, features);
      return wrong < 0 ? undefined : `no affine function of the features is logit ${wrong}`;
    },
  },
];
