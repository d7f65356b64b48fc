import type { OptionsFor, Plugin, Random, Stream } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { chosen, within, withTraining } from "@everlearn/examples";

const options = {
  ratio: {
    type: "number",
    minimum: 1,
    description: "The ratio ρ of the largest share kept of an experience to the smallest; 1: all of each is kept.",
  },
  order: {
    type: "string",
    enum: ["seed", "descending"],
    default: "seed",
    description: "Which experience keeps how much: drawn by the seed, or less and less from one to the next.",
  },
} as const;

/**
 * Another stream with a long tail of experiences: of the n examples of the experience of rank r among E, from 0, it keeps
 * ⌈n·ratio^(−r/(E−1))⌉, drawn at random (the exponential profile of Cao et al. 2019, of experiences rather than of
 * classes). Within an experience the classes are as balanced as before, up to that draw.
 */
export function imbalanced(
  given: OptionsFor<typeof options>,
  { of: stream, random }: { of: Stream; random: Random },
): Stream {
  const { ratio, order } = withDefaults(options, given);
  const { experiences, boundaries } = stream;
  const ranks = order === "seed" ? random.fork("ranks").permutation(experiences) : undefined;
  const step = root(ratio, experiences - 1);
  return withTraining(stream, {
    experiences,
    boundaries,
    train(e) {
      within(experiences, e, "experience");
      const source = stream.train(e);
      const share = source.length / power(step, ranks?.[e] ?? e);
      const kept = Math.ceil(share * (1 - 1e-9)); // so that rounding errors do not add an example
      return chosen(source, random.fork(`experience-${e}`).permutation(source.length, kept));
    },
  });
}

/** base^n by repeated multiplication, the same on every machine. */
function power(base: number, n: number): number {
  let product = 1;
  for (let i = 0; i < n; i++) product *= base;
  return product;
}

/** The n-th root of `value` ≥ 1, by bisection down to neighbouring numbers; 1 for n = 0. */
function root(value: number, n: number): number {
  let [low, high] = [1, n > 0 ? value : 1];
  for (;;) {
    const middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) return low;
    if (power(middle, n) <= value) low = middle;
    else high = middle;
  }
}

const plugin: Plugin<"stream", typeof options, "of"> = {
  kind: "stream",
  name: "imbalanced",
  contract: 2,
  description: "Another stream's tasks, shrunk to a long tail of sizes.",
  paper: "arXiv:1906.07413",
  options,
  needs: ["of"],
  create: imbalanced,
};
export default plugin;
