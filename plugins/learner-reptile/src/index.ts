import type { Learner, Network, OptionsFor, Plugin } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";

const options = {
  alpha: { type: "number", exclusiveMinimum: 0, description: "The learning rate α of every SGD step." },
  gamma: { type: "number", exclusiveMinimum: 0, default: 1, description: "The meta-learning rate γ." },
  s: { type: "integer", minimum: 1, description: "The number of SGD steps between two interpolations." },
  clip: {
    type: "number",
    minimum: 0,
    default: 0,
    description: "The largest L2 norm of a step's gradient; 0: no limit.",
  },
} as const;

/**
 * Reptile (Nichol & Schulman 2018), Algorithm 2 of Riemer et al. 2019: each batch of the stream is one SGD step on its
 * mean loss; after s of them θ ← θ₀ + γ(θ − θ₀), θ₀ being θ before the first. Between interpolations it answers with θ.
 */
export function reptile(given: OptionsFor<typeof options>, { network }: { network: Network }): Learner {
  const { alpha, gamma, s, clip } = withDefaults(options, given);
  const limits = clip > 0 ? { clip } : {};
  const { theta } = network;
  const before = network.vector(); // θ₀
  let begun = false; // whether θ₀ is held
  let steps = 0;
  return {
    observe(batch) {
      if (!begun) before.set(theta);
      begun = true;
      network.descend(batch, alpha, limits);
      steps++;
      if (steps < s) return;
      theta.lerpBoth(before, gamma); // θ ← θ₀ + γ(θ − θ₀), and θ₀ ← θ for the next steps
      steps = 0;
    },
    predict: (queries) => network.predict(queries),
    save: () => (steps > 0 ? { steps, before: before.toArray() } : null),
    load(state) {
      const saved = state as { steps: number; before: Float32Array } | null;
      steps = saved?.steps ?? 0;
      begun = saved !== null;
      if (saved) before.fromArray(saved.before);
    },
  };
}

const plugin: Plugin<"learner", typeof options, "network"> = {
  kind: "learner",
  name: "reptile",
  contract: 2,
  description: "Reptile on a stream: s SGD steps, then an interpolation back towards where they began.",
  paper: "arXiv:1803.02999",
  options,
  needs: ["network"],
  create: reptile,
};
export default plugin;
