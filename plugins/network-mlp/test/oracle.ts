// The same network in plain JavaScript, every operation rounded to float32 by Math.fround: the kernel must match its bits.
import type { Query, Term } from "@everlearn/contracts";
import { laneSum, lossOf } from "../../../packages/wasm/test/oracle.js";

const f = Math.fround;

interface Layer {
  w: Float32Array[];
  b: Float32Array;
}

interface Trace {
  /** Each layer's inputs, zeros included, and its outputs before ReLU. */
  inputs: Float32Array[];
  outputs: Float32Array[];
}

/** θ in canonical order, as rows of weights and biases. */
export function unflatten(theta: Float32Array, sizes: readonly number[]): Layer[] {
  let at = 0;
  const take = (n: number) => theta.slice(at, (at += n));
  return sizes.slice(1).map((outputs, l) => ({
    w: Array.from({ length: sizes[l] }, () => take(outputs)),
    b: take(outputs),
  }));
}

export function flatten(layers: readonly Layer[]): Float32Array {
  return Float32Array.from(layers.flatMap(({ w, b }) => [...w.flatMap((row) => [...row]), ...b]));
}

function forward(layers: readonly Layer[], { x }: Query): Trace {
  let input = Float32Array.from(x, (value) => (x instanceof Uint8Array ? f(value / 255) : value));
  const trace: Trace = { inputs: [], outputs: [] };
  for (const { w, b } of layers) {
    const out = b.slice();
    input.forEach((value, i) => {
      if (value !== 0) for (let j = 0; j < out.length; j++) out[j] = f(out[j] + f(value * w[i][j]));
    });
    trace.inputs.push(input);
    trace.outputs.push(out);
    input = out.map((value) => (value > 0 ? value : 0));
  }
  return trace;
}

export function logits(layers: readonly Layer[], query: Query): Float32Array {
  return forward(layers, query).outputs[layers.length - 1];
}

/** δ of every layer from the last one's; `features` are added to what comes to the last hidden layer's outputs. */
function deltasOf(
  layers: readonly Layer[],
  trace: Trace,
  delta: Float32Array,
  features: ArrayLike<number> | undefined,
): Float32Array[] {
  const deltas = [delta];
  for (let l = layers.length - 1; l > 0; l--) {
    const back = through(layers[l], deltas[0]);
    const above = l === layers.length - 1 && features ? back.map((value, i) => value + features[i]) : back;
    deltas.unshift(above.map((value, i) => (trace.inputs[l][i] > 0 ? value : 0)));
  }
  return deltas;
}

/** The derivatives by a layer's inputs from those by its outputs. */
const through = ({ w }: Layer, delta: Float32Array): Float32Array =>
  Float32Array.from(w, (row) => laneSum((j) => f(row[j] * delta[j]), delta.length));

function backward(layers: readonly Layer[], trace: Trace, term: Term): { loss: number; deltas: Float32Array[] } {
  const { loss, delta } = lossOf(trace.outputs[layers.length - 1], term);
  return { loss, deltas: deltasOf(layers, trace, delta, undefined) };
}

/** ∂L/∂θ and ∂L/∂inputs from the derivatives by logits and features, a row of each for every query. */
export function derivatives(
  layers: readonly Layer[],
  batch: readonly Query[],
  { logits, features }: { logits: Float32Array | null; features: Float32Array | null },
): { theta: Layer[]; inputs: Float32Array } {
  const theta = zeros(layers);
  const last = layers.length - 1;
  const row = (values: Float32Array, i: number) => {
    const n = values.length / batch.length;
    return values.slice(i * n, (i + 1) * n);
  };
  const inputs = batch.flatMap((query, i) => {
    const trace = forward(layers, query);
    const delta = logits ? row(logits, i) : new Float32Array(layers[last].b.length);
    const ofFeatures = features ? row(features, i) : undefined;
    const deltas = deltasOf(layers, trace, delta, ofFeatures);
    update(theta, trace, deltas, -1);
    const back = through(layers[0], deltas[0]);
    return [...(last === 0 && ofFeatures ? back.map((value, j) => value + ofFeatures[j]) : back)];
  });
  return { theta, inputs: Float32Array.from(inputs) };
}

const zeros = (layers: readonly Layer[]): Layer[] =>
  layers.map(({ w, b }) => ({ w: w.map((row) => row.map(() => 0)), b: b.map(() => 0) }));

export function losses(layers: readonly Layer[], batch: readonly Term[]): Float32Array {
  return Float32Array.from(batch, (term) => lossOf(logits(layers, term), term).loss);
}

export function features(layers: readonly Layer[], query: Query): Float32Array {
  const { inputs } = forward(layers, query);
  return inputs[inputs.length - 1];
}

/** target ← target − rate · (outer products of a trace's inputs and δ) */
function update(target: readonly Layer[], trace: Trace, deltas: readonly Float32Array[], rate: number): void {
  target.forEach(({ w, b }, l) => {
    const delta = deltas[l];
    for (let j = 0; j < b.length; j++) b[j] = f(b[j] - f(f(rate) * delta[j]));
    trace.inputs[l].forEach((value, i) => {
      const scale = f(f(rate) * value);
      if (value !== 0) for (let j = 0; j < b.length; j++) w[i][j] = f(w[i][j] - f(scale * delta[j]));
    });
  });
}

/** θ ← θ − rate · ∇(mean of weight · loss), in place. @returns that mean */
export function descend(layers: readonly Layer[], batch: readonly Term[], rate: number, clip = Infinity): number {
  const seen = batch.map((term) => {
    const trace = forward(layers, term);
    return { trace, weight: term.weight ?? 1, ...backward(layers, trace, term) };
  });
  const [first] = seen;
  const norm = Math.sqrt(seen.length === 1 ? first.weight ** 2 * squaredNorm(first.trace, first.deltas) : 0);
  const shrink = norm > clip ? clip / norm : 1;
  for (const { trace, deltas, weight } of seen)
    update(layers, trace, deltas, ((rate * weight) / batch.length) * shrink);
  return seen.reduce((sum, { loss, weight }) => sum + weight * loss, 0) / batch.length;
}

export function gradient(layers: readonly Layer[], batch: readonly Term[]): Layer[] {
  const into = zeros(layers);
  for (const term of batch) {
    const trace = forward(layers, term);
    update(into, trace, backward(layers, trace, term).deltas, -(term.weight ?? 1) / batch.length);
  }
  return into;
}

/** The inner products of the gradients of terms, as the kernel sums them: n × n. */
export function gradientGram(layers: readonly Layer[], batch: readonly Term[]): Float64Array {
  const seen = batch.map((term) => {
    const trace = forward(layers, term);
    return { inputs: trace.inputs, deltas: backward(layers, trace, term).deltas };
  });
  const products = new Float64Array(batch.length ** 2);
  seen.forEach((one, i) => {
    for (let j = 0; j <= i; j++) {
      const other = seen[j];
      let sum = 0;
      for (let l = 0; l < layers.length; l++)
        sum += inputsProduct(other.inputs[l], one.inputs[l]) * deltasProduct(one.deltas[l], other.deltas[l]);
      products[i * batch.length + j] = products[j * batch.length + i] = sum;
    }
  });
  return products;
}

/** 1 + Σ a · b over a's numbers that are not zero: four sums side by side, what is left over to the first. */
function inputsProduct(a: Float32Array, b: Float32Array): number {
  const terms = [...a.keys()].filter((i) => a[i] !== 0).map((i) => a[i] * b[i]);
  const whole = terms.length - (terms.length % 4);
  const sums = [1, 0, 0, 0];
  terms.forEach((term, k) => (sums[k < whole ? k % 4 : 0] += term));
  return sums[0] + sums[1] + (sums[2] + sums[3]);
}

function deltasProduct(a: Float32Array, b: Float32Array): number {
  const lanes = [0, 0, 0, 0];
  a.forEach((value, i) => (lanes[i % 4] += value * b[i]));
  return lanes[0] + lanes[2] + (lanes[1] + lanes[3]);
}

function squaredNorm(trace: Trace, deltas: readonly Float32Array[]): number {
  let total = 0;
  for (let l = deltas.length - 1; l >= 0; l--) {
    let inputs = 1;
    for (const value of trace.inputs[l]) inputs += value * value;
    let squares = 0;
    for (const value of deltas[l]) squares += value * value;
    total += squares * inputs;
  }
  return total;
}
