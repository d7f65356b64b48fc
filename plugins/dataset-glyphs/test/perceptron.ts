import type { Dataset } from "@everlearn/contracts";
import { random } from "@everlearn/random";

/** The test accuracy of a ReLU network of these layers after plain SGD, one example a step, at a rate that falls to 0. */
export function accuracyOf(layers: readonly number[], epochs: number, rate: number, { train, test }: Dataset): number {
  const rng = random(0);
  const weights = layers.slice(1).map((outputs, l) => {
    const spread = layers.length > 2 ? Math.sqrt(6 / layers[l]) : 0;
    return Float32Array.from({ length: layers[l] * outputs }, () => spread * (2 * rng.uniform() - 1));
  });
  const biases = layers.slice(1).map((outputs) => new Float64Array(outputs));
  const values = layers.map((units) => new Float64Array(units));
  const errors = layers.map((units) => new Float64Array(units));
  const last = layers.length - 1;

  const forward = (x: ArrayLike<number>): Float64Array => {
    for (let i = 0; i < layers[0]; i++) values[0][i] = x[i] / 255;
    for (let l = 0; l < last; l++) {
      const into = values[l + 1];
      const units = layers[l + 1];
      const w = weights[l];
      into.set(biases[l]);
      for (let i = 0; i < layers[l]; i++) {
        const value = values[l][i];
        if (value !== 0) for (let j = 0, at = i * units; j < units; j++, at++) into[j] += value * w[at];
      }
      if (l + 1 < last) for (let j = 0; j < units; j++) if (into[j] < 0) into[j] = 0;
    }
    return values[last];
  };

  const descend = (x: ArrayLike<number>, y: number, step: number): void => {
    const logits = forward(x);
    const highest = Math.max(...logits);
    let total = 0;
    for (const logit of logits) total += Math.exp(logit - highest);
    for (let j = 0; j < logits.length; j++) errors[last][j] = Math.exp(logits[j] - highest) / total - (j === y ? 1 : 0);
    for (let l = last - 1; l >= 0; l--) {
      const units = layers[l + 1];
      const above = errors[l + 1];
      const w = weights[l];
      errors[l].fill(0);
      for (let i = 0; i < layers[l]; i++) {
        const value = values[l][i];
        if (value === 0) continue; // a silent unit passes no error on
        const scale = step * value;
        let error = 0;
        for (let j = 0, at = i * units; j < units; j++, at++) {
          error += above[j] * w[at];
          w[at] -= scale * above[j];
        }
        errors[l][i] = error;
      }
      for (let j = 0; j < units; j++) biases[l][j] -= step * above[j];
    }
  };

  for (let epoch = 0; epoch < epochs; epoch++) {
    rng.permutation(train.length).forEach((i, done) => {
      descend(train.input(i), train.label(i), rate * (1 - (epoch + done / train.length) / epochs));
    });
  }
  let right = 0;
  for (let i = 0; i < test.length; i++) {
    const logits = forward(test.input(i));
    if (logits.indexOf(Math.max(...logits)) === test.label(i)) right++;
  }
  return right / test.length;
}
