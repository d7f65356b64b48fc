/** @import { Network, OptionsFor, Plugin, State, Vector } from "@everlearn/contracts" */

const options = /** @type {const} */ ({
  momentum: {
    type: "number",
    minimum: 0,
    exclusiveMaximum: 1,
    default: 0.9,
    description: "What of the velocity is left after a step.",
  },
});

/**
 * Momentum (Polyak 1964), to begin with: v ← momentum · v + gradient, θ ← θ − rate · v. It is the network that it is
 * given, with steps of its own.
 * @param {OptionsFor<typeof options>} options
 * @param {{ network: Network }} given
 * @returns {Network}
 */
export function templateName({ momentum = 0.9 }, { network }) {
  const v = network.vector();
  const g = network.vector();

  /**
   * @param {Vector} gradient
   * @param {number | Vector} rate
   */
  function step(gradient, rate) {
    v.times(momentum);
    v.add(gradient);
    network.step(v, rate);
  }

  return {
    theta: network.theta,
    inputs: network.inputs,
    outputs: network.outputs,
    get loss() {
      return network.loss;
    },
    layers: network.layers,
    vector: () => network.vector(),
    gram: (vectors) => network.gram(vectors),
    descend(batch, rate, { clip = Infinity } = {}) {
      network.gradient(batch, g);
      const norm = clip < Infinity ? Math.sqrt(g.dot(g)) : 0;
      if (norm > clip) g.times(clip / norm);
      const { loss } = network;
      step(g, rate);
      return loss;
    },
    gradient: (batch, into) => network.gradient(batch, into),
    gradientGram: (batch) => network.gradientGram(batch),
    step,
    losses: (batch) => network.losses(batch),
    predict: (queries) => network.predict(queries),
    logits: (queries) => network.logits(queries),
    features: (queries) => network.features(queries),
    save: () => ({ network: network.save(), v: v.toArray() }),
    load(state) {
      const saved = /** @type {{ network: State, v: Float32Array }} */ (state);
      network.load(saved.network);
      v.fromArray(saved.v);
    },
    dispose: () => network.dispose(),
  };
}

/** @type {Plugin<"optimizer", typeof options>} */
const plugin = {
  kind: "optimizer",
  name: "template-name",
  description: "Momentum: steps along a decaying sum of gradients.",
  paper: "Polyak 1964",
  options,
  create: templateName,
};
export default plugin;
