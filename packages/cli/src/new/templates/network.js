/** @import { Input, Network, OptionsFor, Plugin, Query, Random, Term, Vector } from "@everlearn/contracts" */
import { DivergedError } from "@everlearn/contracts";

const options = /** @type {const} */ ({
  spread: { type: "number", minimum: 0, default: 0.05, description: "Weights begin uniform in ± this." },
});

/**
 * Softmax regression, to begin with: logits that are linear in the inputs. θ is the weights, output by output, then the
 * biases, in float32; within a step it computes in double precision.
 * @param {OptionsFor<typeof options>} options
 * @param {{ inputs: number, outputs: number, random: Random }} given
 * @returns {Network}
 */
export function templateName({ spread = 0.05 }, { inputs, outputs, random }) {
  const biases = inputs * outputs;
  const theta = vectorOf(new Float32Array(biases + outputs));
  const { values } = theta;
  for (let i = 0; i < biases; i++) values[i] = (2 * random.uniform() - 1) * spread;
  let loss = Number.NaN;

  /** @param {Input} x */
  function logits(x) {
    if (x.length !== inputs) throw new RangeError(`The network takes ${inputs} input values, not ${x.length}.`);
    const input = floats(x);
    return Float64Array.from({ length: outputs }, (_, o) => {
      let sum = values[biases + o];
      for (let i = 0; i < inputs; i++) sum += values[o * inputs + i] * input[i];
      return sum;
    });
  }

  /** @param {readonly Term[]} batch */
  function meanGradient(batch) {
    const gradient = new Float64Array(values.length);
    loss = 0;
    for (const term of batch) {
      const share = (term.weight ?? 1) / batch.length;
      const { loss: own, delta } = lossOf(term, logits(term.x), among(term, outputs));
      loss += share * own;
      const input = floats(term.x);
      delta.forEach((d, o) => {
        gradient[biases + o] += share * d;
        for (let i = 0; i < inputs; i++) gradient[o * inputs + i] += share * d * input[i];
      });
    }
    if (!Number.isFinite(loss)) throw new DivergedError(loss);
    return gradient;
  }

  return {
    theta,
    inputs,
    outputs,
    get loss() {
      return loss;
    },
    layers: [values.length],
    vector: () => vectorOf(new Float32Array(values.length)),
    gram: (vectors) => Float64Array.from(vectors.flatMap((v) => vectors.map((w) => v.dot(w)))),
    descend(batch, rate, { clip = Infinity } = {}) {
      const gradient = meanGradient(batch);
      const norm = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
      const step = norm > clip ? (rate * clip) / norm : rate;
      for (let i = 0; i < values.length; i++) values[i] -= step * gradient[i];
      return loss;
    },
    gradient(batch, into = vectorOf(new Float32Array(values.length))) {
      into.fromArray(Float32Array.from(meanGradient(batch)));
      return into;
    },
    gradientGram(batch) {
      const before = loss;
      const gradients = batch.map((term) => meanGradient([{ ...term, weight: 1 }]));
      loss = before;
      return Float64Array.from(
        gradients.flatMap((g) => gradients.map((h) => g.reduce((sum, value, i) => sum + value * h[i], 0))),
      );
    },
    step(gradient, rate) {
      const g = valuesOf(gradient);
      for (let i = 0; i < values.length; i++) values[i] -= (typeof rate === "number" ? rate : valuesOf(rate)[i]) * g[i];
    },
    losses: (batch) => Float32Array.from(batch, (term) => lossOf(term, logits(term.x), among(term, outputs)).loss),
    predict: (queries) =>
      Uint16Array.from(queries, (query) => {
        const z = logits(query.x);
        return among(query, outputs).reduce((best, o) => (z[o] > z[best] ? o : best));
      }),
    logits: (queries) => rows(queries, outputs, logits),
    features: (queries) => rows(queries, inputs, floats), // what the last layer, here the only one, sees
    save: () => values.slice(),
    load: (state) => values.set(/** @type {Float32Array} */ (state)),
    dispose() {},
  };
}

/**
 * Inputs as numbers: bytes stand for byte/255.
 * @param {Input} x
 */
const floats = (x) => (x instanceof Uint8Array ? Float32Array.from(x, (byte) => byte / 255) : x);

/**
 * The same number of values for each query, one query after the other.
 * @param {readonly Query[]} queries
 * @param {number} size
 * @param {(x: Input) => ArrayLike<number>} values
 */
function rows(queries, size, values) {
  const all = new Float32Array(queries.length * size);
  queries.forEach(({ x }, i) => all.set(values(x), i * size));
  return all;
}

/**
 * The output units that take part.
 * @param {Query} query
 * @param {number} outputs
 * @returns {readonly number[]}
 */
function among(query, outputs) {
  const stray = query.outputs?.find((o) => !(Number.isInteger(o) && o >= 0 && o < outputs));
  if (stray !== undefined) throw new RangeError(`The network has outputs 0 to ${outputs - 1}, not ${stray}.`);
  return query.outputs ?? Array.from({ length: outputs }, (_, o) => o);
}

/**
 * A term's loss without its weight, and its derivative by each logit.
 * @param {Term} term
 * @param {Float64Array} z the logits
 * @param {readonly number[]} units those that take part
 * @returns {{ loss: number, delta: Float64Array }}
 */
function lossOf(term, z, units) {
  const delta = new Float64Array(z.length);
  let loss = 0;
  const target = "logits" in term ? term.logits : "sigmoids" in term ? term.sigmoids : undefined;
  const given = target ?? ("probabilities" in term ? term.probabilities : z);
  if (given.length !== z.length)
    throw new RangeError(`A target has a value for each of the ${z.length} outputs, not ${given.length}.`);
  if ("logits" in term) {
    for (const o of units) {
      const apart = z[o] - term.logits[o];
      loss += (apart * apart) / units.length;
      delta[o] = (2 * apart) / units.length;
    }
  } else if ("sigmoids" in term) {
    for (const o of units) {
      const small = exp(-Math.abs(z[o]));
      loss += Math.max(z[o], 0) - term.sigmoids[o] * z[o] + log(1 + small);
      delta[o] = (z[o] < 0 ? small : 1) / (1 + small) - term.sigmoids[o];
    }
  } else {
    if ("y" in term && !units.includes(term.y))
      throw new RangeError(`An example's y is ${term.y}, which is not among ${units.join(", ")}.`);
    /** @param {number} o */
    const p = (o) => ("y" in term ? Number(o === term.y) : term.probabilities[o]);
    const temperature = ("probabilities" in term && term.temperature) || 1;
    const top = Math.max(...units.map((o) => z[o]));
    const powers = units.map((o) => exp((z[o] - top) / temperature));
    const sum = powers.reduce((a, b) => a + b, 0);
    const mass = units.reduce((total, o) => total + p(o), 0);
    loss = mass * log(sum);
    units.forEach((o, k) => {
      loss -= (p(o) * (z[o] - top)) / temperature;
      delta[o] = ((mass * powers[k]) / sum - p(o)) / temperature;
    });
  }
  return { loss, delta };
}

/**
 * eˣ for x ≤ 0 by its power series: `Math.exp` does not have the same bits on every machine.
 * @param {number} x
 */
function exp(x) {
  if (x < -700) return 0;
  let value = 1;
  for (let n = 12; n > 0; n--) value = 1 + (x / 1024 / n) * value;
  for (let i = 0; i < 10; i++) value *= value;
  return value;
}

/**
 * The natural logarithm of x ≥ 1, by halving, then by 2 artanh((x − 1)/(x + 1)) as a series.
 * @param {number} x
 */
function log(x) {
  let halvings = 0;
  for (; x > 1.5; halvings++) x /= 2;
  const t = (x - 1) / (x + 1);
  let series = 0;
  for (let n = 21; n > 0; n -= 2) series = series * t * t + 1 / n;
  return halvings * Math.LN2 + 2 * t * series;
}

/** @typedef {Vector & { readonly values: Float32Array }} Flat */

/**
 * The array of one of this network's vectors.
 * @param {Vector} v
 */
const valuesOf = (v) => /** @type {Flat} */ (v).values;

/**
 * A vector over an array of its own.
 * @param {Float32Array} values
 * @returns {Flat}
 */
function vectorOf(values) {
  /** @param {(i: number) => number} f */
  const each = (f) => {
    for (let i = 0; i < values.length; i++) values[i] = f(i);
  };
  return {
    values,
    set: (v) => values.set(valuesOf(v)),
    swap(v) {
      const before = values.slice();
      values.set(valuesOf(v));
      valuesOf(v).set(before);
    },
    add: (v, scale = 1) => each((i) => values[i] + scale * valuesOf(v)[i]),
    addProduct: (a, b, scale = 1) => each((i) => values[i] + scale * (valuesOf(a)[i] * valuesOf(b)[i])),
    lerp: (from, t) => each((i) => valuesOf(from)[i] + t * (values[i] - valuesOf(from)[i])),
    meet: (v, t) => each((i) => (valuesOf(v)[i] += t * (values[i] - valuesOf(v)[i]))),
    times: (v) => each((i) => values[i] * (typeof v === "number" ? v : valuesOf(v)[i])),
    divide: (v) => each((i) => (values[i] === 0 ? 0 : values[i] / valuesOf(v)[i])),
    sqrt: () => each((i) => Math.sqrt(values[i])),
    map: (f) => each((i) => f(values[i])),
    dot: (v) => values.reduce((sum, value, i) => sum + value * valuesOf(v)[i], 0),
    toArray: () => values.slice(),
    fromArray: (given) => values.set(given),
  };
}

/** @type {Plugin<"network", typeof options>} */
const plugin = {
  kind: "network",
  name: "template-name",
  description: "Softmax regression: logits that are linear in the inputs.",
  options,
  create: templateName,
};
export default plugin;
