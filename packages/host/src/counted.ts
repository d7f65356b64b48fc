import type { Network, Stateful } from "@everlearn/contracts";

export interface Counted {
  /** The network, each of whose calls goes on to the one that is counted. */
  readonly network: Network;
  /** The gradients of one term's loss that it has computed. */
  gradients(): number;
  /** The count: apart from the network's state, which a learner may save and load as it likes. */
  readonly count: Stateful;
}

/**
 * Counts the terms that are given to a network's `descend`, `gradient` and `gradientGram`. It disposes of nothing: its maker
 * does.
 */
export function counted(network: Network): Counted {
  let gradients = 0;
  return {
    network: {
      get theta() {
        return network.theta;
      },
      get inputs() {
        return network.inputs;
      },
      get outputs() {
        return network.outputs;
      },
      get loss() {
        return network.loss;
      },
      get layers() {
        return network.layers;
      },
      vector: () => network.vector(),
      gram: (vectors) => network.gram(vectors),
      descend(batch, rate, options) {
        gradients += batch.length;
        return network.descend(batch, rate, options);
      },
      gradient(batch, into) {
        gradients += batch.length;
        return network.gradient(batch, into);
      },
      gradientGram(batch) {
        gradients += batch.length;
        return network.gradientGram(batch);
      },
      step: (gradient, rate) => network.step(gradient, rate),
      losses: (batch) => network.losses(batch),
      predict: (queries) => network.predict(queries),
      logits: (queries) => network.logits(queries),
      features: (queries) => network.features(queries),
      save: () => network.save(),
      load: (state) => network.load(state),
      dispose() {}, // an optimizer may pass the call on, and two are one too many
    },
    gradients: () => gradients,
    count: {
      save: () => gradients,
      load(state) {
        gradients = state as number;
      },
    },
  };
}
