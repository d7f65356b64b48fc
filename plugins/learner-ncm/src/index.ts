import type { Learner, Network, OptionsFor, Plugin } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { bestOf, createFeatures, featuresNeeds, featuresOption } from "@everlearn/learning";

const options = {
  distance: {
    type: "string",
    enum: ["euclidean", "cosine"],
    default: "euclidean",
    description: "What is nearest: by the distance to the mean, or by the angle to it.",
  },
  features: featuresOption,
} as const;

/**
 * The nearest-class-mean classifier (Mensink et al. 2013; SimpleCIL of Zhou et al. 2023 with `"cosine"`): it keeps the mean μ
 * of each class's features, and answers the class whose mean is nearest. Means do not depend on the order of examples, up to
 * rounding.
 */
export function ncm(
  given: OptionsFor<typeof options>,
  { inputs, outputs, network }: { inputs: number; outputs: number; network?: Network },
): Learner {
  const { distance } = withDefaults(options, given);
  const features = createFeatures({ inputs, network });
  const { size } = features;
  let sums = new Float64Array(outputs * size);
  let counts = new Uint32Array(outputs);

  /** −‖x − μ‖², or the cosine of the angle between x and μ times ‖x‖: higher is nearer. */
  function nearness(x: Float64Array, c: number): number {
    const [sum, n] = [sums.subarray(c * size, (c + 1) * size), counts[c]];
    let [apart, product, square] = [0, 0, 0];
    for (let j = 0; j < size; j++) {
      const mu = sum[j] / n;
      apart += (x[j] - mu) * (x[j] - mu);
      product += x[j] * mu;
      square += mu * mu;
    }
    return distance === "euclidean" ? -apart : square > 0 ? product / Math.sqrt(square) : 0;
  }

  return {
    observe(batch) {
      const all = features.of(batch);
      for (const [i, { y }] of batch.entries()) {
        counts[y]++;
        for (let j = 0; j < size; j++) sums[y * size + j] += all[i * size + j];
      }
    },
    predict(queries) {
      const all = features.of(queries);
      const scores = new Float64Array(queries.length * outputs);
      for (let i = 0; i < queries.length; i++) {
        const x = all.subarray(i * size, (i + 1) * size);
        for (let c = 0; c < outputs; c++) if (counts[c] > 0) scores[i * outputs + c] = nearness(x, c);
      }
      return bestOf(queries, scores, counts);
    },
    save: () => ({ sums: sums.slice(), counts: counts.slice() }),
    load(state) {
      const saved = state as { sums: Float64Array<ArrayBuffer>; counts: Uint32Array<ArrayBuffer> };
      sums = saved.sums.slice();
      counts = saved.counts.slice();
    },
  };
}

const plugin: Plugin<"learner", typeof options, "network"> = {
  kind: "learner",
  name: "ncm",
  contract: 2,
  description: "Nearest class mean: answers the class whose mean features are nearest.",
  paper: "doi:10.1109/TPAMI.2013.83",
  options,
  needs: featuresNeeds,
  create: ncm,
};
export default plugin;
