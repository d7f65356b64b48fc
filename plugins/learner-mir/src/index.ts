import type { Buffer, Example, Learner, Network, OptionsFor, Plugin } from "@everlearn/contracts";
import { assertDraws } from "@everlearn/learning";

const options = {
  alpha: { type: "number", exclusiveMinimum: 0, description: "The learning rate α." },
  replay: { type: "integer", minimum: 1, description: "The number of examples replayed with each batch." },
  candidates: {
    type: "integer",
    minimum: 1,
    description: "The number C of draws from the buffer that those examples are chosen from.",
  },
} as const;

/**
 * ER-MIR, Algorithm 1 of Aljundi et al. 2019: of C draws from the buffer, it replays those whose loss a step on the batch
 * alone would increase most (the criterion s_MI-1).
 * @throws RangeError if C is less than `replay`, or more than the buffer can ever hold.
 */
export function mir(
  { alpha, replay, candidates }: OptionsFor<typeof options>,
  { network, buffer: memory }: { network: Network; buffer: Buffer },
): Learner {
  if (candidates < replay)
    throw new RangeError(
      `replay = ${replay} examples cannot be chosen among candidates = ${candidates}; use candidates ≥ ${replay}.`,
    );
  assertDraws(memory, { candidates });
  const { theta } = network;
  const before = network.vector();
  const gradient = network.vector();

  function retrieve(batch: readonly Example[]): readonly Example[] {
    const drawn = [...new Set(memory.sample(candidates))];
    if (drawn.length <= replay) return drawn;
    const losses = network.losses(drawn);
    before.set(theta);
    network.gradient(batch, gradient);
    theta.add(gradient, -alpha); // θᵛ; not `descend`: an optimizer has no part in it
    const virtual = network.losses(drawn);
    theta.swap(before);
    return drawn
      .map((example, i) => ({ example, score: virtual[i] - losses[i] }))
      .toSorted((a, b) => b.score - a.score)
      .slice(0, replay)
      .map(({ example }) => example);
  }

  return {
    observe(batch) {
      network.descend([...retrieve(batch), ...batch], alpha);
      for (const current of batch) memory.add(current);
    },
    predict: (queries) => network.predict(queries),
    save: () => null,
    load() {},
  };
}

const plugin: Plugin<"learner", typeof options, "network" | "buffer"> = {
  kind: "learner",
  name: "mir",
  contract: 2,
  description: "Maximally Interfered Retrieval: replays the examples whose loss the current step would increase most.",
  paper: "arXiv:1908.04742",
  options,
  needs: ["network", "buffer"],
  create: mir,
};
export default plugin;
