import type { Network, Vector } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { difference } from "./difference.js";
import { someTerms } from "./terms.js";

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

/** A new vector with these values. */
function filled(network: Network, values: Float32Array): Vector {
  const vector = network.vector();
  vector.fromArray(values);
  return vector;
}

/** The first vector operation that plain loops over float32 numbers contradict. */
export function wrongOperation(network: Network): string | undefined {
  const { length } = network.theta.toArray();
  const [a, b] = [numbers(length, "a"), numbers(length, "b")];
  for (let i = 0; i < length; i += 5) a[i] = 0;
  for (let i = 0; i < length; i += 10) b[i] = 0;
  for (const [name, operation] of Object.entries(operations)) {
    const [v, w] = [filled(network, a), filled(network, b)];
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
  const [v, w] = [filled(network, a), filled(network, b)];
  v.swap(w);
  const swapped = difference([v.toArray(), w.toArray()], [b, a], "[v, w]");
  if (swapped) return `v.swap(w) does not give each the other's numbers: ${swapped}`;
  v.add(w);
  const later = difference(w.toArray(), a, "w");
  if (later) return `after v.swap(w), v.add(w) changed the other vector: ${later}`;
  for (const t of [0.3, 0, 1, 1.5]) {
    const [v, w, expected] = [filled(network, a), filled(network, b), filled(network, a)];
    v.meet(w, t);
    expected.lerp(filled(network, b), t);
    const wrong = difference([v.toArray(), w.toArray()], [expected.toArray(), expected.toArray()], "[v, w]");
    if (wrong) return `v.meet(w, ${t}) is not what lerp makes of v, in both: ${wrong}`;
  }
  const dot = filled(network, a).dot(filled(network, b));
  const terms = Array.from(a, (value, i) => value * b[i]);
  const sum = terms.reduce((total, term) => total + term, 0);
  const size = terms.reduce((total, term) => total + Math.abs(term), 0);
  return Math.abs(dot - sum) <= 1e-4 * size ? undefined : `v.dot(w) is ${dot} rather than ${sum}`;
}

/** The first inner product that plain loops over float32 numbers contradict. */
export function wrongGram(network: Network): string | undefined {
  const { length } = network.theta.toArray();
  for (const n of [0, 1, 2, 5, 9]) {
    const values = Array.from({ length: n }, (_, i) => numbers(length, `vector ${i}`));
    const vectors = values.map((array) => filled(network, array));
    const gram = network.gram(vectors);
    if (!(gram instanceof Float64Array) || gram.length !== n * n)
      return `of ${n} vectors it is no Float64Array of ${n * n}`;
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        const terms = Array.from(values[i], (value, k) => value * values[j][k]);
        const [sum, size] = [terms, terms.map(Math.abs)].map((list) => list.reduce((total, term) => total + term, 0));
        if (!(Math.abs(gram[i * n + j] - sum) <= 1e-4 * size))
          return `of ${n} vectors, that of ${i} and ${j} is ${gram[i * n + j]} rather than ${sum}`;
      }
    const changed = difference(
      vectors.map((vector) => vector.toArray()),
      values,
      "vectors",
    );
    if (changed) return changed;
  }
  return undefined;
}

/** The first inner product of gradients that those of its `gradient` contradict. */
export function wrongGradientGram(network: Network): string | undefined {
  for (const n of [0, 1, 2, 9]) {
    const terms = someTerms(n, network, { weighted: true });
    network.descend(someTerms(3, network), 0.1);
    const { loss } = network;
    const gram = network.gradientGram(terms);
    if (!(gram instanceof Float64Array) || gram.length !== n * n)
      return `of ${n} terms it is no Float64Array of ${n * n}`;
    if (network.loss !== loss) return `of ${n} terms, it changed the loss from ${loss} to ${network.loss}`;
    const gradients = terms.map((term) => network.gradient([{ ...term, weight: 1 }], network.vector()));
    const norms = gradients.map((g) => Math.sqrt(g.dot(g)));
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        const product = gradients[i].dot(gradients[j]);
        if (!(Math.abs(gram[i * n + j] - product) <= 1e-4 * norms[i] * norms[j] + 1e-12))
          return `of ${n} terms, that of ${i} and ${j} is ${gram[i * n + j]} rather than ${product}`;
      }
  }
  return undefined;
}

/** How values come back from a vector otherwise than they went in. */
export function wrongRoundTrip(network: Network): string | undefined {
  const { length } = network.theta.toArray();
  const values = numbers(length, "values");
  values[0] = -0;
  const given = values.slice();
  const vector = filled(network, given);
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
