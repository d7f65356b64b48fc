// A loss of the learner's own, on features: supervised contrastive learning (Khosla et al. 2020) beside cross-entropy, on
// each batch and as many draws from the buffer.
import { softmax } from "@everlearn/softmax";

/** @typedef {import("@everlearn/contracts").Example} Example */

/**
 * ∂L/∂z of L = mean_i −1/|P(i)| Σ_{p∈P(i)} log softmax_{a≠i}(z_i·z_a / τ)[p], P(i) the others of i's class, for features z.
 * @param {Float32Array} z @param {readonly Example[]} batch @param {number} tau
 */
function contrast(z, batch, tau) {
  const size = z.length / batch.length;
  const row = (/** @type {number} */ i) => z.subarray(i * size, (i + 1) * size);
  const dot = (/** @type {Float32Array} */ a, /** @type {Float32Array} */ b) =>
    a.reduce((sum, v, j) => sum + v * b[j], 0);
  const gradient = new Float32Array(z.length);
  batch.forEach(({ y }, i) => {
    const others = batch.map((_, a) => a).filter((a) => a !== i);
    const positives = others.filter((a) => batch[a].y === y);
    if (positives.length === 0) return;
    const p = softmax(Float32Array.from(others, (a) => dot(row(i), row(a)) / tau));
    others.forEach((a, k) => {
      const slope = (p[k] - (positives.includes(a) ? 1 / positives.length : 0)) / (tau * batch.length);
      for (let j = 0; j < size; j++) {
        gradient[i * size + j] += slope * row(a)[j];
        gradient[a * size + j] += slope * row(i)[j];
      }
    });
  });
  return gradient;
}

const options = /** @type {const} */ ({
  alpha: { type: "number", exclusiveMinimum: 0, default: 0.05, description: "The learning rate α." },
  tau: { type: "number", exclusiveMinimum: 0, default: 10, description: "The temperature τ." },
  weight: { type: "number", minimum: 0, default: 0.05, description: "The weight of the contrastive loss." },
});

/** @type {import("@everlearn/contracts").Plugin<"learner", typeof options, "network" | "backward" | "buffer">} */
export default {
  kind: "learner",
  name: "supervised-contrastive",
  contract: 2,
  description: "Supervised contrastive learning on features, beside cross-entropy.",
  paper: "arXiv:2004.11362",
  options,
  needs: ["network", "backward", "buffer"],
  create({ alpha, tau, weight }, { network, buffer, outputs }) {
    const gradient = network.vector();
    return {
      observe(incoming) {
        const batch = [...incoming, ...buffer.sample(4)];
        const logits = network.logits(batch);
        const dLogits = new Float32Array(logits.length);
        batch.forEach(({ y }, i) => {
          const p = softmax(logits.subarray(i * outputs, (i + 1) * outputs));
          for (let o = 0; o < outputs; o++) dLogits[i * outputs + o] = (p[o] - Number(o === y)) / batch.length;
        });
        const dFeatures = contrast(network.features(batch), batch, tau).map((slope) => weight * slope);
        network.backward(batch, dLogits, dFeatures, gradient);
        network.step(gradient, alpha);
        for (const example of incoming) buffer.add(example);
      },
      predict: (queries) => network.predict(queries),
      save: () => null,
      load() {},
    };
  },
};
