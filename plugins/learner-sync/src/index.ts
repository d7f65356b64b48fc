import type { Buffer, Learner, Network, OptionsFor, Plugin, Random, Vector } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";

const options = {
  alpha0: { type: "number", exclusiveMinimum: 0, description: "The rate α₀ with which every parameter begins." },
  beta: {
    type: "number",
    exclusiveMinimum: 0,
    description: "The rate β with which the weights follow the meta-gradient.",
  },
  eta: { type: "number", exclusiveMinimum: 0, description: "The rate η with which the rates α are learnt." },
  replay: { type: "integer", minimum: 1, description: "The number of draws from the buffer that join each meta-loss." },
  glances: {
    type: "integer",
    minimum: 1,
    default: 1,
    description: "How often each batch of the stream is learnt from.",
  },
  clip: {
    type: "number",
    minimum: 0,
    default: 2,
    description: "The largest L2 norm of the meta-gradient, by the weights and by the rates; 0: no limit.",
  },
} as const;

/**
 * Sync La-MAML of Gupta, Yadav & Paull 2020, first order: SGD from example to example of a batch B, with a rate α of each
 * parameter's own; the meta-loss along that trajectory, on B and draws from the buffer, teaches the rates and, with fixed
 * rate β, the weights.
 * @throws RangeError where the buffer can never hold `replay` examples.
 */
export function sync(
  given: OptionsFor<typeof options>,
  { network, buffer: memory, random }: { network: Network; buffer: Buffer; random: Random },
): Learner {
  const { alpha0, beta, eta, replay, glances, clip } = withDefaults(options, given);
  if (replay > memory.capacity)
    throw new RangeError(
      `replay = ${replay} asks for ${replay} draws, but the buffer holds at most ${memory.capacity}; use replay ≤ ${memory.capacity} or a larger buffer.`,
    );
  const { theta } = network;
  const alpha = network.vector();
  alpha.map(() => alpha0);
  const start = network.vector(); // φ₀
  const gradient = network.vector();
  const metaGradient = network.vector(); // by θ: mean_j ∇L_j
  const slope = network.vector(); // by α: −mean_j (Σ_{i≤j} g_i) ⊙ ∇L_j
  const path = network.vector(); // Σ_{i≤j} g_i
  const scratch = network.vector();

  function shorten(v: Vector): void {
    const norm = Math.sqrt(v.dot(v));
    if (clip > 0 && norm > clip) v.times(clip / norm);
  }

  /** α ← relu(α − η · slope). A rate of 0 is relu's flat side: it has no slope, and stays. */
  function learnRates(): void {
    scratch.set(alpha);
    scratch.divide(alpha); // 1, or 0 where α is 0
    slope.times(scratch);
    shorten(slope);
    alpha.add(slope, -eta);
    scratch.set(alpha);
    scratch.times(alpha);
    scratch.sqrt(); // |α|: relu(α) = (α + |α|)/2, as `map` would take as long as all the gradients
    alpha.add(scratch);
    alpha.times(0.5);
  }

  return {
    observe(batch) {
      for (let glance = 0; glance < glances; glance++) {
        const trajectory = Array.from(random.permutation(batch.length), (i) => batch[i]);
        const meta = [...memory.sample(replay), ...batch];
        start.set(theta);
        for (const sum of [metaGradient, slope, path]) sum.times(0);
        for (const example of trajectory) {
          network.gradient([example], gradient);
          path.add(gradient);
          theta.addProduct(alpha, gradient, -1); // φ ← φ − α ⊙ g
          network.gradient(meta, gradient);
          metaGradient.add(gradient, 1 / batch.length);
          slope.addProduct(path, gradient, -1 / batch.length);
        }
        theta.swap(start);
        shorten(metaGradient);
        network.step(metaGradient, beta);
        learnRates();
        if (glance === 0) for (const example of trajectory) memory.add(example);
      }
    },
    predict: (queries) => network.predict(queries),
    save: () => alpha.toArray(),
    load: (state) => alpha.fromArray(state as Float32Array),
  };
}

const plugin: Plugin<"learner", typeof options, "network" | "buffer"> = {
  kind: "learner",
  name: "sync",
  contract: 2,
  description: "Sync La-MAML: weights and per-parameter learning rates updated together, first order.",
  paper: "arXiv:2007.13904",
  options,
  needs: ["network", "buffer"],
  create: sync,
};
export default plugin;
