// Losses in plain JavaScript, every operation rounded to float32 by Math.fround: a kernel must match their bits.
import type { Term } from "@everlearn/contracts";

const f = Math.fround;
const bits = new DataView(new ArrayBuffer(4));

/** The sum of n terms as four lanes make it. */
export function laneSum(terms: (i: number) => number, n: number): number {
  const lanes = [0, 0, 0, 0];
  for (let i = 0; i < n; i++) lanes[i % 4] = f(lanes[i % 4] + terms(i));
  return f(f(lanes[0] + lanes[1]) + f(lanes[2] + lanes[3]));
}

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

/** The loss of logits, its weight left out, and its derivatives by them. */
export function lossOf(z: Float32Array, term: Term): { loss: number; delta: Float32Array } {
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
