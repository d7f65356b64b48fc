import type { Learner, Network, OptionsFor, Plugin } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { bestOf, createFeatures, featuresNeeds, featuresOption } from "@everlearn/learning";
import { createDiscriminant } from "./discriminant.js";

const options = {
  epsilon: {
    type: "number",
    exclusiveMinimum: 0,
    maximum: 1,
    default: 1e-4,
    description: "The shrinkage ε of the covariance towards the identity.",
  },
  features: featuresOption,
} as const;

/**
 * Deep SLDA of Hayes & Kanan 2020, streaming linear discriminant analysis: for each example (x, y), the n-th from 0, it updates
 * one covariance, Σ ← (nΣ + Δ)/(n + 1) with Δ = n/(n + 1) · (x − μ_y)(x − μ_y)ᵀ, and then the class's mean μ_y. It answers the
 * class c with the highest w_c·x + b_c, where w_c = Λμ_c, b_c = −½ μ_c·Λμ_c and Λ = [(1 − ε)Σ + εI]⁻¹.
 */
export function slda(
  given: OptionsFor<typeof options>,
  { inputs, outputs, network }: { inputs: number; outputs: number; network?: Network },
): Learner {
  const { epsilon } = withDefaults(options, given);
  const features = createFeatures({ inputs, network });
  const { size } = features;
  const discriminant = createDiscriminant(size, outputs, epsilon);
  let means = new Float64Array(outputs * size);
  let counts = new Uint32Array(outputs);
  let n = 0;
  let solved = false;

  function observe(x: Float64Array, y: number): void {
    const mu = means.subarray(y * size, (y + 1) * size);
    if (counts[y] === 0) mu.set(x); // nothing is known of how its class varies
    const apart = x.map((value, j) => value - mu[j]);
    discriminant.add(
      apart.map((value) => (n / (n + 1)) * value),
      apart,
    );
    n++;
    counts[y]++;
    for (let j = 0; j < size; j++) mu[j] += apart[j] / counts[y];
  }

  return {
    observe(batch) {
      const all = features.of(batch);
      for (const [i, { y }] of batch.entries()) observe(all.subarray(i * size, (i + 1) * size), y);
      solved = false;
    },
    predict(queries) {
      if (!solved) discriminant.solve(means, n);
      solved = true;
      return bestOf(queries, discriminant.scores(features.of(queries)), counts);
    },
    save: () => ({ n, counts: counts.slice(), means: means.slice(), scatter: discriminant.save() }),
    load(state) {
      const saved = state as {
        n: number;
        counts: Uint32Array<ArrayBuffer>;
        means: Float64Array<ArrayBuffer>;
        scatter: Float64Array;
      };
      n = saved.n;
      counts = saved.counts.slice();
      means = saved.means.slice();
      discriminant.load(saved.scatter);
      solved = false;
    },
  };
}

const plugin: Plugin<"learner", typeof options, "network"> = {
  kind: "learner",
  name: "slda",
  contract: 2,
  description: "Streaming linear discriminant analysis: class means and one covariance, one example at a time.",
  paper: "arXiv:1909.01520",
  options,
  needs: featuresNeeds,
  create: slda,
};
export default plugin;
