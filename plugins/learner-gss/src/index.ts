import type { Example, Learner, Network, OptionsFor, Plugin, Random } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";

const options = {
  alpha: { type: "number", exclusiveMinimum: 0, description: "The learning rate α." },
  replay: { type: "integer", minimum: 1, description: "The number of draws from the memory for each batch." },
  capacity: { type: "integer", minimum: 1, description: "The largest number of examples that the memory holds." },
  n: {
    type: "integer",
    minimum: 1,
    default: 10,
    description: "How many of the memory's examples a new one's gradient is compared with.",
  },
} as const;

/** The score of the first example, which can be compared with none: its cosine counts as 0.1, as in the released code. */
const FIRST = 1.1;

/**
 * GSS-Greedy, Algorithm 2 of Aljundi, Lin, Goujaud & Bengio 2019: experience replay from a memory of its own, which takes in
 * examples whose gradients point away from those of others. It needs no buffer and no task boundaries.
 * @throws RangeError if the memory can never hold `replay` examples.
 */
export function gss(
  given: OptionsFor<typeof options>,
  { network, random }: { network: Network; random: Random },
): Learner {
  const { alpha, replay, capacity, n } = withDefaults(options, given);
  if (replay > capacity)
    throw new RangeError(
      `replay = ${replay} asks for ${replay} draws, but the memory holds at most ${capacity}; use replay ≤ ${capacity} or a larger capacity.`,
    );
  let memory: Example[] = [];
  let scores: number[] = []; // C

  /** 1 + the largest cosine between the gradients of the example and of n random ones in the memory; in [0, 2]. */
  function score(example: Example): number {
    if (memory.length === 0) return FIRST;
    const others = Array.from(random.permutation(memory.length, Math.min(n, memory.length)), (i) => memory[i]);
    const size = 1 + others.length;
    const products = network.gradientGram([example, ...others]);
    const cosines = others.map((_, i) => {
      const norms = Math.sqrt(products[0] * products[(i + 1) * (size + 1)]);
      return norms > 0 ? products[i + 1] / norms : 0; // a gradient of zeros has no direction
    });
    return 1 + Math.max(...cosines);
  }

  /** Draws a place with probability proportional to its score. */
  function drawPlace(): number {
    let left = random.uniform() * scores.reduce((sum, score) => sum + score, 0);
    const place = scores.findIndex((score) => (left -= score) < 0);
    return place < 0 ? scores.length - 1 : place;
  }

  function offer(example: Example): void {
    const c = score(example);
    if (memory.length < capacity) {
      memory.push(example);
      scores.push(c);
    } else if (c < 1) {
      const i = drawPlace();
      if (random.uniform() < scores[i] / (scores[i] + c)) {
        memory[i] = example;
        scores[i] = c;
      }
    }
  }

  return {
    observe(batch) {
      const count = Math.min(replay, memory.length);
      const draws = Array.from({ length: count }, () => memory[random.integer(memory.length)]);
      network.descend([...draws, ...batch], alpha);
      for (const current of batch) offer(current);
    },
    predict: (queries) => network.predict(queries),
    save: () => ({ memory: [...memory], scores: [...scores] }),
    load(state) {
      const saved = state as { memory: readonly Example[]; scores: readonly number[] };
      memory = [...saved.memory];
      scores = [...saved.scores];
    },
  };
}

const plugin: Plugin<"learner", typeof options, "network"> = {
  kind: "learner",
  name: "gss",
  contract: 2,
  description: "Gradient-based sample selection: a memory of examples whose gradients point in different directions.",
  paper: "arXiv:1903.08671",
  options,
  needs: ["network"],
  create: gss,
};
export default plugin;
