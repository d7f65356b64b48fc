import type { Network, Vector } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import type { Finding } from "./check.js";
import { difference } from "./difference.js";
import { vectorOf } from "./network-trial.js";

type Operation = (
  a: Float32Array,
  b: Float32Array,
) => { apply: (v: Vector, w: Vector) => void; expected: (i: number) => number };

/** Every operation and what it makes of element i. */
const operations: Readonly<Record<string, Operation>> = {
  "set(w)": (_, b) => ({ apply: (v, w) => v.set(w), expected: (i) => b[i] }),
  "add(w)": (a, b) => ({ apply: (v, w) => v.add(w), expected: (i) => a[i] + b[i] }),
  "add(w, -0.5)": (a, b) => ({ apply: (v, w) => v.add(w, -0.5), expected: (i) => a[i] - 0.5 * b[i] }),
  "add(v)": (a) => ({ apply: (v) => v.add(v), expected: (i) => 2 * a[i] }),
  "addProduct(w, w)": (a, b) => ({ apply: (v, w) => v.addProduct(w, w), expected: (i) => a[i] + b[i] * b[i] }),
  "addProduct(v, w)": (a, b) => ({ apply: (v, w) => v.addProduct(v, w), expected: (i) => a[i] + a[i] * b[i] }),
  "addProduct(w, v, -0.5)": (a, b) => ({
    apply: (v, w) => v.addProduct(w, v, -0.5),
    expected: (i) => a[i] - 0.5 * b[i] * a[i],
  }),
  "lerp(w, 0.3)": (a, b) => ({ apply: (v, w) => v.lerp(w, 0.3), expected: (i) => b[i] + 0.3 * (a[i] - b[i]) }),
  "lerp(w, 0)": (_, b) => ({ apply: (v, w) => v.lerp(w, 0), expected: (i) => b[i] }),
  "lerp(w, 1)": (a) => ({ apply: (v, w) => v.lerp(w, 1), expected: (i) => a[i] }),
  "lerp(w, 1.5)": (a, b) => ({ apply: (v, w) => v.lerp(w, 1.5), expected: (i) => b[i] + 1.5 * (a[i] - b[i]) }),
  "times(w)": (a, b) => ({ apply: (v, w) => v.times(w), expected: (i) => a[i] * b[i] }),
  "times(-3)": (a) => ({ apply: (v) => v.times(-3), expected: (i) => -3 * a[i] }),
  "divide(w)": (a, b) => ({ apply: (v, w) => v.divide(w), expected: (i) => (a[i] === 0 ? 0 : a[i] / b[i]) }),
  "map(x => x * x + 1)": (a) => ({ apply: (v) => v.map((x) => x * x + 1), expected: (i) => a[i] * a[i] + 1 }),
  "map(Math.abs) and sqrt()": (a) => ({
    apply(v) {
      v.map((x) => Math.abs(x));
      v.sqrt();
    },
    expected: (i) => Math.sqrt(Math.abs(a[i])),
  }),
};

function numbers(length: number, name: string): Float32Array {
  const draw = random(14, name);
  return Float32Array.from({ length }, () => 4 * draw.uniform() - 2);
}

/** The first vector operation that plain loops over float32 numbers contradict. */
export function wrongOperation(network: Network): Finding {
  const { length } = network.theta.toArray();
  const [a, b] = [numbers(length, "a"), numbers(length, "b")];
  for (let i = 0; i < length; i += 5) a[i] = 0;
  for (let i = 0; i < length; i += 10) b[i] = 0;
  for (const [name, operation] of Object.entries(operations)) {
    const [v, w] = [vectorOf(network, a), vectorOf(network, b)];
    const { apply, expected } = operation(a, b);
    apply(v, w);
    const result = v.toArray();
    const wrong = result.findIndex(
      (value, i) => !(Math.abs(value - expected(i)) <= 2e-6 * Math.max(1, Math.abs(expected(i)))),
    );
    if (wrong >= 0)
      return `v.${name} made ${a[wrong]} with ${b[wrong]} to ${result[wrong]} rather than ${expected(wrong)}`;
    const changed = difference(w.toArray(), b, "w");
    if (changed) return `v.${name} changed the other vector: ${changed}`;
  }
  const [v, w] = [vectorOf(network, a), vectorOf(network, b)];
  v.swap(w);
  const swapped = difference([v.toArray(), w.toArray()], [b, a], "[v, w]");
  if (swapped) return `v.swap(w) does not give each the other's numbers: ${swapped}`;
  v.add(w);
  const later = difference(w.toArray(), a, "w");
  if (later) return `after v.swap(w), v.add(w) changed the other vector: ${later}`;
  for (const t of [0.3, 0, 1, 1.5]) {
    const [v, w, expected] = [vectorOf(network, a), vectorOf(network, b), vectorOf(network, a)];
    v.lerpBoth(w, t);
    expected.lerp(vectorOf(network, b), t);
    const wrong = difference([v.toArray(), w.toArray()], [expected.toArray(), expected.toArray()], "[v, w]");
    if (wrong) return `v.lerpBoth(w, ${t}) is not what lerp makes of v, in both: ${wrong}`;
  }
  const dot = vectorOf(network, a).dot(vectorOf(network, b));
  const terms = Array.from(a, (value, i) => value * b[i]);
  const sum = terms.reduce((total, term) => total + term, 0);
  const size = terms.reduce((total, term) => total + Math.abs(term), 0);
  return Math.abs(dot - sum) <= 1e-4 * size ? undefined : `v.dot(w) is ${dot} rather than ${sum}`;
}

/** How values come back from a vector otherwise than they went in. */
export function wrongRoundTrip(network: Network): Finding {
  const { length } = network.theta.toArray();
  const values = numbers(length, "values");
  values[0] = -0;
  const given = values.slice();
  const vector = vectorOf(network, given);
  const back = difference(vector.toArray(), values, "toArray()");
  if (back) return back;
  given.fill(7);
  vector.toArray().fill(8);
  const held = difference(vector.toArray(), values, "toArray()");
  if (held) return `after the arrays were changed, ${held}`;
  network.theta.set(vector);
  const theta = difference(network.theta.toArray(), values, "θ.toArray()");
  if (theta) return `after θ.set, ${theta}`;
  network.theta.fromArray(numbers(length, "others"));
  return difference(vector.toArray(), values, "another vector");
}
