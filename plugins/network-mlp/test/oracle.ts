// The same network in plain JavaScript, every operation rounded to float32 by Math.fround: the kernel must match its bits.
import type { Query, Term } from "@everlearn/contracts";

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

/** The sum as four lanes make it. */
function laneSum(terms: (i: number) => number, n: number): number {
  const lanes = [0, 0, 0, 0];
  for (let i = 0; i < n; i++) lanes[i % 4] = f(lanes[i % 4] + terms(i));
  return f(f(lanes[0] + lanes[1]) + f(lanes[2] + lanes[3]));
}

const bits = new DataView(new ArrayBuffer(4));

function nearestEven(x: number): number {
  const low = Math.floor(x);
  if (x - low !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
}

export function exp(x: number): number {
  if (x < -30) return 0;
  const n = nearestEven(f(x * f(1.44269504)));
  let r = f(x - f(n * f(0.693359375)));
  r = f(r - f(n * f(-2.1219444e-4)));
  let p = f(f(r * f(0.000198412698)) + f(0.00138888889));
  for (const c of [0.00833333333, 0.0416666667, 0.166666667, 0.5, 1, 1]) p = f(f(r * p) + f(c));
  bits.setFloat32(0, p);
  bits.setInt32(0, bits.getInt32(0) + n * 2 ** 23);
  return bits.getFloat32(0);
}

export function log(x: number): number {
  let exponent = 0;
  let m = x;
  while (m >= 2) {
    m /= 2;
    exponent++;
  }
  if (m > 1.5) {
    m /= 2;
    exponent++;
  }
  const t = (m - 1) / (m + 1);
  let sum = 0;
  for (let i = 19; i > 0; i -= 2) sum = sum * (t * t) + 1 / i;
  return f(exponent * 0.6931471805599453 + 2 * t * sum);
}

export function logits(layers: readonly Layer[], query: Query): Float32Array {
  return forward(layers, query).outputs[layers.length - 1];
}

/** The loss of logits, its weight left out, and its derivatives by them. */
function lossOf(z: Float32Array, term: Term): { loss: number; delta: Float32Array } {
  const taken = Float32Array.from(z, (_, j) => (!term.outputs || term.outputs.includes(j) ? 1 : 0));
  const highest = Math.max(...[...z].filter((_, j) => taken[j] === 1));
  if ("logits" in term) {
    const n = term.outputs?.length ?? z.length;
    const d = z.map((value, j) => (taken[j] ? f(value - term.logits[j]) : 0));
    return { loss: f(laneSum((j) => f(d[j] * d[j]), z.length) / n), delta: d.map((value) => f(f(2 / n) * value)) };
  }
  if ("sigmoids" in term) {
    let loss = 0;
    const delta = z.map((value, j) => {
      if (!taken[j]) return 0;
      const p = term.sigmoids[j];
      const e = exp(f(-Math.abs(value)));
      const softplus = f(Math.max(value, 0) + log(f(1 + e)));
      loss = f(loss + f(softplus - f(p * value)));
      return f(f((value < 0 ? e : 1) / f(1 + e)) - p);
    });
    return { loss, delta };
  }
  const t = "y" in term ? 1 : f(term.temperature ?? 1);
  const below = z.map((value, j) => (taken[j] ? f(f(value - highest) / t) : 0));
  const e = below.map((value, j) => (taken[j] ? exp(value) : 0));
  const sum = laneSum((j) => e[j], z.length);
  if ("y" in term)
    return {
      loss: f(log(sum) - below[term.y]),
      delta: e.map((value, j) => f(f(value / sum) - (j === term.y ? 1 : 0))),
    };
  const p = term.probabilities.map((value, j) => (taken[j] ? value : 0));
  const total = laneSum((j) => p[j], z.length);
  const share = f(total / sum);
  return {
    loss: f(f(total * log(sum)) - laneSum((j) => f(p[j] * below[j]), z.length)),
    delta: e.map((value, j) => f(f(f(share * value) - p[j]) / t)),
  };
}

function backward(layers: readonly Layer[], trace: Trace, term: Term): { loss: number; deltas: Float32Array[] } {
  const { loss, delta } = lossOf(trace.outputs[layers.length - 1], term);
  const deltas = [delta];
  for (let l = layers.length - 1; l > 0; l--) {
    const above = deltas[0];
    const { w } = layers[l];
    const active = trace.inputs[l];
    deltas.unshift(active.map((value, i) => (value > 0 ? laneSum((j) => f(w[i][j] * above[j]), above.length) : 0)));
  }
  return { loss, deltas };
}

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
  const into = layers.map(({ w, b }) => ({ w: w.map((row) => row.map(() => 0)), b: b.map(() => 0) }));
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
