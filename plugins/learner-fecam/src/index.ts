import type { Learner, Network, OptionsFor, Plugin } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { bestOf, createFeatures, featuresNeeds, featuresOption } from "@everlearn/learning";
import { createCovariances, type Scatters } from "./covariances.js";
import { tukey, unit } from "./tukey.js";

const options = {
  beta: {
    type: "number",
    exclusiveMinimum: 0,
    maximum: 1,
    default: 0.5,
    description: "The power β of Tukey's transformation of features; 1: none.",
  },
  shrinkage: {
    type: "number",
    exclusiveMinimum: 0,
    default: 1,
    description: "The shrinkage γ₁ = γ₂ of covariances towards their mean variance and their mean covariance.",
  },
  normalized: {
    type: "boolean",
    default: true,
    description: "Whether covariances are made correlations.",
  },
  features: featuresOption,
} as const;

/**
 * FeCAM of Goswami et al. 2023: of each class it keeps the mean μ and the covariance Σ of the features, raised to the power β,
 * and answers the class with the least (x − μ)ᵀΣ⁻¹(x − μ), where x and μ are scaled to length 1, and Σ is shrunk and normalised.
 */
export function fecam(
  given: OptionsFor<typeof options>,
  { inputs, outputs, network }: { inputs: number; outputs: number; network?: Network },
): Learner {
  const { beta, shrinkage, normalized } = withDefaults(options, given);
  const features = createFeatures({ inputs, network });
  const { size } = features;
  const covariances = createCovariances(size, outputs, { shrinkage, normalized });
  let counts = new Uint32Array(outputs);
  let means = new Float64Array(outputs * size);
  const meanOf = (c: number): Float64Array => means.subarray(c * size, (c + 1) * size);

  /** Welford 1962: Σ (x − μ before)(x − μ after)ᵀ is the scatter. */
  function observe(x: Float64Array, y: number): void {
    const mu = meanOf(y);
    counts[y]++;
    const before = x.map((value, j) => value - mu[j]);
    for (let j = 0; j < size; j++) mu[j] += before[j] / counts[y];
    const after = x.map((value, j) => value - mu[j]);
    covariances.add(y, before, after);
  }

  return {
    observe(batch) {
      const all = tukey(features.of(batch), beta);
      for (const [i, { y }] of batch.entries()) observe(all.subarray(i * size, (i + 1) * size), y);
    },
    predict(queries) {
      const all = tukey(features.of(queries), beta);
      const xs = queries.map((_, i) => unit(all.subarray(i * size, (i + 1) * size)));
      const scores = new Float64Array(queries.length * outputs);
      for (let c = 0; c < outputs; c++) {
        if (counts[c] === 0) continue;
        const mu = unit(meanOf(c));
        const apart = xs.map((x) => x.map((value, j) => value - mu[j]));
        for (const [i, square] of covariances.squares(c, counts[c], apart).entries()) scores[i * outputs + c] = -square;
      }
      return bestOf(queries, scores, counts);
    },
    save: () => ({ counts: counts.slice(), means: means.slice(), scatters: covariances.save() }),
    load(state) {
      const saved = state as {
        counts: Uint32Array<ArrayBuffer>;
        means: Float64Array<ArrayBuffer>;
        scatters: Scatters;
      };
      counts = saved.counts.slice();
      means = saved.means.slice();
      covariances.load(saved.scatters);
    },
  };
}

const plugin: Plugin<"learner", typeof options, "network"> = {
  kind: "learner",
  name: "fecam",
  contract: 2,
  description: "FeCAM: answers the class whose mean is nearest by the class's own covariance.",
  paper: "arXiv:2309.14062",
  options,
  needs: featuresNeeds,
  create: fecam,
};
export default plugin;
