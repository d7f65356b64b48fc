/** @import { Input, NetworkCore, OptionsOf, Plugin, Query, Random } from "@everlearn/contracts" */
import { DivergedError } from "@everlearn/contracts";
import { arrayVector, termLoss } from "@everlearn/network";

const options = /** @type {const} */ ({
  spread: { type: "number", minimum: 0, default: 0.05, description: "Weights begin uniform in ± this." },
});

/**
 * Softmax regression, to begin with: logits that are linear in the inputs. θ is the weights, output by output, then the
 * biases, in float32; within a step it computes in double precision. Steps, losses and predictions are derived from this.
 * @param {OptionsOf<typeof options>} options
 * @param {{ inputs: number, outputs: number, random: Random }} size
 * @returns {NetworkCore}
 */
export function templateName({ spread }, { inputs, outputs, random }) {
  const biases = inputs * outputs;
  const values = new Float32Array(biases + outputs);
  for (let i = 0; i < biases; i++) values[i] = (2 * random.uniform() - 1) * spread;

  /** @param {Input} x */
  function logits(x) {
    if (x.length !== inputs) throw new RangeError(`The network takes ${inputs} input values, not ${x.length}.`);
    const input = floats(x);
    return Float64Array.from({ length: outputs }, (_, o) =>
      input.reduce((sum, value, i) => sum + values[o * inputs + i] * value, values[biases + o]),
    );
  }

  return {
    theta: arrayVector(values),
    inputs,
    outputs,
    layers: [values.length],
    vector: () => arrayVector(new Float32Array(values.length)),
    gradient(batch, into) {
      const gradient = new Float64Array(values.length);
      let loss = 0;
      for (const term of batch) {
        const share = (term.weight ?? 1) / batch.length;
        const delta = new Float64Array(outputs);
        loss += share * termLoss(term, logits(term.x), delta);
        const input = floats(term.x);
        delta.forEach((d, o) => {
          gradient[biases + o] += share * d;
          for (let i = 0; i < inputs; i++) gradient[o * inputs + i] += share * d * input[i];
        });
      }
      if (!Number.isFinite(loss)) throw new DivergedError(loss);
      into.fromArray(Float32Array.from(gradient));
      return loss;
    },
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

/** @type {Plugin<"network", typeof options>} */
const plugin = {
  kind: "network",
  name: "template-name",
  contract: 2,
  description: "Softmax regression: logits that are linear in the inputs.",
  options,
  create: templateName,
};
export default plugin;
