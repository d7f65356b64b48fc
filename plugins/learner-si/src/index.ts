import type { Learner, Network, OptionsFor, Plugin } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";

const options = {
  alpha: { type: "number", exclusiveMinimum: 0, description: "The learning rate α." },
  c: { type: "number", minimum: 0, description: "The strength c of the surrogate loss c Σ Ω(θ − θ*)²." },
  xi: {
    type: "number",
    exclusiveMinimum: 0,
    default: 0.1,
    description: "The damping ξ, which bounds the importance Ω of weights that have moved little.",
  },
} as const;

/** Synaptic intelligence (Zenke, Poole & Ganguli 2017): one step per batch, on its loss + c Σ Ω(θ − θ*)². */
export function si(given: OptionsFor<typeof options>, { network }: { network: Network }): Learner {
  const { alpha, c, xi } = withDefaults(options, given);
  const { theta } = network;
  const path = network.vector(); // ω, the path integral of −g · dθ over the task
  const importance = network.vector(); // Ω
  const start = network.vector(); // θ*, where the task began
  start.set(theta);
  const g = network.vector();
  const total = network.vector();
  const moved = network.vector();
  return {
    observe(batch) {
      network.gradient(batch, g);
      total.set(g);
      total.addProduct(importance, theta, 2 * c); // + 2c Ω(θ − θ*)
      total.addProduct(importance, start, -2 * c);
      moved.set(theta);
      network.step(total, alpha);
      moved.add(theta, -1); // −Δθ
      path.addProduct(g, moved);
    },
    endTask() {
      moved.set(theta);
      moved.add(start, -1);
      moved.map((change) => change * change + xi);
      path.divide(moved);
      importance.add(path); // Ω ← max(0, Ω + ω / (Δ² + ξ))
      importance.map((value) => Math.max(value, 0));
      path.times(0);
      start.set(theta);
    },
    predict: (queries) => network.predict(queries),
    save: () => ({ path: path.toArray(), importance: importance.toArray(), start: start.toArray() }),
    load(state) {
      const saved = state as Record<"path" | "importance" | "start", Float32Array>;
      path.fromArray(saved.path);
      importance.fromArray(saved.importance);
      start.fromArray(saved.start);
    },
  };
}

const plugin: Plugin<"learner", typeof options, "network" | "boundaries"> = {
  kind: "learner",
  name: "si",
  contract: 2,
  description: "Synaptic intelligence: the more a weight lowered past tasks' losses, the more firmly it is held.",
  paper: "arXiv:1703.04200",
  options,
  needs: ["network", "boundaries"],
  create: si,
};
export default plugin;
