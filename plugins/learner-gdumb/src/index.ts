import type { Learner, Network, OptionsFor, Plugin, Random } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { balancedMemory, type SavedMemory } from "./memory.js";
import { rateOf } from "./rate.js";

const options = {
  capacity: { type: "integer", minimum: 1, description: "The most examples it keeps." },
  passes: { type: "integer", minimum: 1, default: 64, description: "Passes over the memory to train from scratch." },
  k: { type: "integer", minimum: 1, default: 16, description: "The batch size." },
  alpha: { type: "number", exclusiveMinimum: 0, default: 0.05, description: "The largest learning rate α." },
  alphaMin: { type: "number", minimum: 0, default: 0.0005, description: "The learning rate at the end of a cycle." },
  clip: {
    type: "number",
    minimum: 0,
    default: 10,
    description: "The largest L2 norm of a step's gradient; 0: no limit.",
  },
} as const;

/**
 * GDumb, Prabhu et al. 2020: keeps a greedily balanced memory and learns nothing else from the stream. When it is asked for
 * answers, it trains on that memory, beginning at the network's θ, which it leaves as it was.
 * @throws RangeError if alphaMin is larger than alpha.
 */
export function gdumb(
  given: OptionsFor<typeof options>,
  { network, random }: { network: Network; random: Random },
): Learner {
  const { capacity, passes, k, alpha, alphaMin, clip } = withDefaults(options, given);
  if (alphaMin > alpha)
    throw new RangeError(
      `learner-gdumb anneals alpha = ${alpha} down to alphaMin = ${alphaMin}; use alphaMin ≤ alpha.`,
    );
  const limits = clip > 0 ? { clip } : {};
  const { theta } = network;
  const memory = balancedMemory(capacity, random);
  const scratch = network.vector();
  const trained = network.vector();
  let isTrained = false; // whether `trained` is what the memory teaches

  /** Algorithm 2: trained ← θ after training on the memory, whatever was asked before. */
  function train(): void {
    const before = network.save(); // with its optimizer, where it has one
    const shuffle = random.fork(`training-${memory.kept}`);
    const examples = memory.all();
    try {
      for (let pass = 0; pass < passes; pass++) {
        const order = Array.from(shuffle.permutation(examples.length), (i) => examples[i]);
        const rate = rateOf(pass, alpha, alphaMin);
        for (let i = 0; i < order.length; i += k) network.descend(order.slice(i, i + k), rate, limits);
      }
      trained.set(theta);
      isTrained = true;
    } finally {
      network.load(before);
    }
  }

  return {
    observe(batch) {
      for (const example of batch) if (memory.offer(example)) isTrained = false;
    },
    predict(queries) {
      if (memory.kept === 0) return network.predict(queries);
      if (!isTrained) train();
      scratch.set(theta);
      theta.set(trained);
      const answers = network.predict(queries);
      theta.set(scratch);
      return answers;
    },
    save: () => ({ ...memory.save(), trained: isTrained ? trained.toArray() : null }),
    load(state) {
      const saved = state as SavedMemory & { trained: Float32Array | null };
      memory.load(saved);
      isTrained = saved.trained !== null;
      if (saved.trained) trained.fromArray(saved.trained);
    },
  };
}

const plugin: Plugin<"learner", typeof options, "network"> = {
  kind: "learner",
  name: "gdumb",
  contract: 2,
  description: "GDumb: a greedily balanced memory, and a network that is trained on it from scratch before it answers.",
  paper:
    "Prabhu, Torr & Dokania 2020, GDumb: A Simple Approach that Questions Our Progress in Continual Learning (ECCV)",
  options,
  needs: ["network"],
  create: gdumb,
};
export default plugin;
