import type { Learner, Network, OptionsFor, Plugin, Vector } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";

const options = {
  rate: { type: "number", exclusiveMinimum: 0, description: "The learning rate." },
  lambda: { type: "number", minimum: 0, description: "The strength λ of the penalty λ Σ (F + s)(θ − θ*)²." },
  alpha: {
    type: "number",
    exclusiveMinimum: 0,
    maximum: 1,
    default: 0.9,
    description: "The weight α of the latest batch in the moving average F.",
  },
  interval: {
    type: "integer",
    minimum: 1,
    default: 10,
    description: "The number Δt of steps after which the score s is updated.",
  },
  epsilon: {
    type: "number",
    exclusiveMinimum: 0,
    default: 1e-7,
    description: "The damping ε, which bounds the scores of weights that have moved little.",
  },
} as const;

/**
 * Riemannian walk (Chaudhry et al. 2018): one step per batch, on its loss + λ Σ (F + s)(θ − θ*)², where F is a moving
 * average of the Fisher information's diagonal, and s by how much a weight lowered the loss for the KL divergence that it cost.
 */
export function rwalk(given: OptionsFor<typeof options>, { network }: { network: Network }): Learner {
  const { rate, lambda, alpha, interval, epsilon } = withDefaults(options, given);
  const { theta } = network;
  const vectors = {
    fisher: network.vector(), // F
    fall: network.vector(), // ΔL, by how much each weight lowered the loss since `from`
    from: network.vector(), // θ at the beginning of the interval
    score: network.vector(), // s of the task under way
    past: network.vector(), // s of the tasks before it, averaged
    importance: network.vector(), // F + s as the last task left them, each scaled to [0, 1]
    anchor: network.vector(), // θ*
  };
  const { fisher, fall, from, score, past, importance, anchor } = vectors;
  from.set(theta);
  const damping = filled(network, epsilon);
  const g = network.vector();
  const total = network.vector();
  const moved = network.vector();
  let steps = 0; // of the interval
  let tasks = 0; // that have ended

  /** s ← s + ΔL / (½ F Δθ² + ε) */
  function closeInterval(): void {
    moved.set(theta);
    moved.add(from, -1);
    moved.times(moved);
    moved.times(fisher);
    moved.times(0.5);
    moved.add(damping);
    fall.divide(moved);
    score.add(fall);
    fall.times(0);
    from.set(theta);
    steps = 0;
  }

  return {
    observe(batch) {
      network.gradient(batch, g);
      total.set(g);
      total.addProduct(importance, theta, 2 * lambda); // + 2λ (F + s)(θ − θ*)
      total.addProduct(importance, anchor, -2 * lambda);
      moved.set(theta);
      network.step(total, rate);
      moved.add(theta, -1); // −Δθ
      fall.addProduct(g, moved);
      fisher.times(1 - alpha); // F ← α g² + (1 − α) F
      fisher.addProduct(g, g, alpha);
      if (++steps === interval) closeInterval();
    },
    endTask() {
      closeInterval();
      past.add(score);
      if (tasks++ > 0) past.times(0.5);
      score.times(0);
      importance.set(past);
      scale(importance);
      total.set(fisher);
      scale(total);
      importance.add(total);
      anchor.set(theta);
    },
    predict: (queries) => network.predict(queries),
    save: () => ({
      ...Object.fromEntries(Object.entries(vectors).map(([name, vector]) => [name, vector.toArray()])),
      steps,
      tasks,
    }),
    load(state) {
      const saved = state as Record<keyof typeof vectors, Float32Array> & { steps: number; tasks: number };
      for (const [name, vector] of Object.entries(vectors)) vector.fromArray(saved[name as keyof typeof vectors]);
      ({ steps, tasks } = saved);
    },
  };
}

function filled(network: Network, value: number): Vector {
  const vector = network.vector();
  vector.map(() => value);
  return vector;
}

/** v ← max(v, 0) / max v, which is in [0, 1]; zeros if nothing is above 0. */
function scale(v: Vector): void {
  const most = v.toArray().reduce((highest, value) => Math.max(highest, value), 0);
  v.map((value) => (value > 0 ? value / most : 0));
}

const plugin: Plugin<"learner", typeof options, "network" | "boundaries"> = {
  kind: "learner",
  name: "rwalk",
  contract: 2,
  description:
    "Riemannian walk: a weight is held the more firmly, the more past losses depend on it and fell as it moved.",
  paper: "arXiv:1801.10112",
  options,
  needs: ["network", "boundaries"],
  create: rwalk,
};
export default plugin;
