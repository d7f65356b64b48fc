// The same network in plain JavaScript, every operation rounded to float32 by Math.fround: the kernel must match its bits.
import type { Example, Query } from "@everlearn/contracts";

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

function backward(layers: readonly Layer[], trace: Trace, example: Example): { loss: number; deltas: Float32Array[] } {
  const z = trace.outputs[layers.length - 1];
  const allowed = (j: number) => !example.outputs || example.outputs.includes(j);
  const highest = Math.max(...[...z].filter((_, j) => allowed(j)));
  const e = z.map((value, j) => (allowed(j) ? exp(f(value - highest)) : 0));
  const sum = laneSum((j) => e[j], z.length);
  const deltas = [e.map((value, j) => f(f(value / sum) - (j === example.y ? 1 : 0)))];
  const loss = f(log(sum) - f(z[example.y] - highest));
  for (let l = layers.length - 1; l > 0; l--) {
    const above = deltas[0];
    const { w } = layers[l];
    const active = trace.inputs[l];
    deltas.unshift(active.map((value, i) => (value > 0 ? laneSum((j) => f(w[i][j] * above[j]), above.length) : 0)));
  }
  return { loss, deltas };
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

/** θ ← θ − rate · ∇(mean loss), in place. @returns the mean loss */
export function descend(layers: readonly Layer[], batch: readonly Example[], rate: number, clip = Infinity): number {
  const seen = batch.map((example) => {
    const trace = forward(layers, example);
    return { trace, ...backward(layers, trace, example) };
  });
  const norm = Math.sqrt(seen.length === 1 ? squaredNorm(seen[0].trace, seen[0].deltas) : 0);
  const shrink = norm > clip ? clip / norm : 1;
  for (const { trace, deltas } of seen) update(layers, trace, deltas, (rate / batch.length) * shrink);
  return seen.reduce((sum, { loss }) => sum + loss, 0) / batch.length;
}

export function gradient(layers: readonly Layer[], batch: readonly Example[]): Layer[] {
  const into = layers.map(({ w, b }) => ({ w: w.map((row) => row.map(() => 0)), b: b.map(() => 0) }));
  for (const example of batch) {
    const trace = forward(layers, example);
    update(into, trace, backward(layers, trace, example).deltas, -1 / batch.length);
  }
  return into;
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
