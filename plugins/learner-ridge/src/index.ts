import type { Learner, Network, OptionsFor, Plugin } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { bestOf, createFeatures, featuresNeeds, featuresOption } from "@everlearn/learning";
import { createWorkspace, productsWith } from "@everlearn/linear-algebra";
import { byCholesky } from "./cholesky.js";
import { recursive } from "./recursive.js";

const options = {
  lambda: {
    type: "number",
    exclusiveMinimum: 0,
    default: 0.1,
    description: "The regularisation λ, which the paper calls γ.",
  },
  solver: {
    type: "string",
    enum: ["cholesky", "recursive"],
    default: "cholesky",
    description: "Whether W is solved for when it is needed, or updated with each example as in the paper.",
  },
  features: featuresOption,
} as const;

/**
 * Ridge regression of one-hot classes on features, with which ACIL (Zhuang et al. 2022) learns class after class: after any
 * examples Φ with classes Y, its weights are W = (ΦᵀΦ + λI)⁻¹ΦᵀY, those of all examples together, whatever their order. It
 * answers the class with the highest φW.
 */
export function ridge(
  given: OptionsFor<typeof options>,
  { inputs, outputs, network }: { inputs: number; outputs: number; network?: Network },
): Learner {
  const { lambda, solver } = withDefaults(options, given);
  const features = createFeatures({ inputs, network });
  const { size } = features;
  const workspace = createWorkspace();
  const w = workspace.matrix(size, outputs);
  const products = productsWith(workspace, w);
  const regression = (solver === "cholesky" ? byCholesky : recursive)(workspace, w, lambda);
  let counts = new Uint32Array(outputs);

  return {
    observe(batch) {
      const all = features.of(batch);
      for (const [i, { y }] of batch.entries()) {
        counts[y]++;
        regression.add(all.subarray(i * size, (i + 1) * size), y);
      }
    },
    predict(queries) {
      regression.solve();
      return bestOf(queries, products(features.of(queries)), counts);
    },
    save: () => ({ counts: counts.slice(), ...(regression.save() as object) }),
    load(state) {
      counts = (state as { counts: Uint32Array<ArrayBuffer> }).counts.slice();
      regression.load(state);
    },
  };
}

const plugin: Plugin<"learner", typeof options, "network"> = {
  kind: "learner",
  name: "ridge",
  contract: 2,
  description: "Ridge regression of one-hot classes on features, as exact as on all examples together (ACIL).",
  paper: "arXiv:2205.14922",
  options,
  needs: featuresNeeds,
  create: ridge,
};
export default plugin;
