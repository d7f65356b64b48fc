import type { Learner, Network, OptionsFor, Plugin, Random } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { bestOf, createFeatures, featuresNeeds, featuresOption } from "@everlearn/learning";
import { createWorkspace } from "@everlearn/linear-algebra";
import { chooseLambda } from "./lambda.js";
import { createProjection } from "./projection.js";
import { createRegression, type Sums } from "./regression.js";

const options = {
  projections: {
    type: "integer",
    minimum: 1,
    default: 10_000,
    description: "The number M of random projections.",
  },
  features: featuresOption,
} as const;

/**
 * RanPAC of McDonnell et al. 2023: features are projected once at random, h = ReLU(Pᵀx), and sums of their products are kept,
 * G ← G + hhᵀ and C ← C + h·onehot(y)ᵀ. It answers the class with the highest hᵀ(G + λI)⁻¹C. When a task ends, λ is chosen
 * among 10⁻⁸, 10⁻⁷, … 10⁸ as what, fitted to the first four fifths of the task's examples, errs least on the last fifth.
 */
export function ranpac(
  given: OptionsFor<typeof options>,
  { inputs, outputs, network, random }: { inputs: number; outputs: number; network?: Network; random: Random },
): Learner {
  const { projections } = withDefaults(options, given);
  const features = createFeatures({ inputs, network });
  const { size } = features;
  const workspace = createWorkspace();
  const projection = createProjection(workspace, size, projections, random);
  const regression = createRegression(workspace, projection, size, outputs);
  let task: { x: Float64Array; y: number }[] = []; // the features of the present task's examples
  let counts = new Uint32Array(outputs);
  let lambda = 1; // until the first task has ended
  let solved = false;

  return {
    observe(batch) {
      const all = features.of(batch);
      for (const [i, { y }] of batch.entries()) {
        const x = all.slice(i * size, (i + 1) * size);
        regression.add(x, y);
        task.push({ x, y });
        counts[y]++;
      }
      solved = false;
    },
    endTask() {
      lambda = chooseLambda(projection, task) ?? lambda;
      task = [];
      solved = false;
    },
    predict(queries) {
      if (!solved) regression.solve(lambda);
      solved = true;
      return bestOf(queries, regression.scores(features.of(queries)), counts);
    },
    save() {
      const x = new Float64Array(task.length * size);
      for (const [i, one] of task.entries()) x.set(one.x, i * size);
      return {
        ...{ lambda, counts: counts.slice(), ...regression.save() },
        task: { x, y: Uint32Array.from(task, ({ y }) => y) },
      };
    },
    load(state) {
      const saved = state as Sums & {
        lambda: number;
        counts: Uint32Array<ArrayBuffer>;
        task: { x: Float64Array; y: Uint32Array };
      };
      lambda = saved.lambda;
      counts = saved.counts.slice();
      regression.load(saved);
      task = Array.from(saved.task.y, (y, i) => ({ x: saved.task.x.slice(i * size, (i + 1) * size), y }));
      solved = false;
    },
  };
}

const plugin: Plugin<"learner", typeof options, "network" | "boundaries"> = {
  kind: "learner",
  name: "ranpac",
  contract: 2,
  description: "RanPAC: ridge regression on random projections of features, with λ chosen on a part of each task.",
  paper: "arXiv:2307.02251",
  options,
  needs: (chosen) => [...featuresNeeds(chosen), "boundaries"],
  create: ranpac,
};
export default plugin;
