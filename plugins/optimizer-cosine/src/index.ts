import { type Optimizer, type OptionsFor, type Plugin, type Vector, withDefaults } from "@everlearn/contracts";

const options = {
  steps: {
    anyOf: [
      { type: "integer", minimum: 1 },
      { type: "array", items: { type: "integer", minimum: 1 } },
    ],
    description: "The steps over which the rate falls; of a list, those of each cycle in turn, which begins anew.",
  },
  minimum: {
    type: "number",
    minimum: 0,
    maximum: 1,
    default: 0,
    description: "What it falls to, as a share of the rate.",
  },
  restart: {
    type: "boolean",
    default: false,
    description:
      "Whether it begins anew after the last cycle too, with that one's steps; else it stays at its minimum.",
  },
} as const;

/**
 * Cosine annealing: another optimizer's rate falls along half a cosine, once or in cycles (SGDR, Loshchilov & Hutter 2017;
 * PyTorch's `CosineAnnealingLR` and, with restarts, `CosineAnnealingWarmRestarts`).
 */
export function cosine(
  given: OptionsFor<typeof options>,
  { of: optimizer, vector }: { of: Optimizer; vector(): Vector },
): Optimizer {
  const { steps, minimum, restart } = withDefaults(options, given);
  const cycles = typeof steps === "number" ? [steps] : steps;
  if (cycles.length === 0) throw new RangeError("cosine: steps lists no cycle; give the steps of one at least.");
  let scaled: Vector | undefined;
  let made = 0; // steps

  /** Where in its cycle the next step is, from 0 to 1. */
  function place(): number {
    const last = cycles[cycles.length - 1];
    let left = made;
    for (const length of cycles.slice(0, -1)) {
      if (left < length) return left / length;
      left -= length;
    }
    return restart ? (left % last) / last : Math.min(left / last, 1);
  }

  return {
    update(theta, gradient, rate) {
      const share = minimum + ((1 - minimum) * (1 + cosPi(place()))) / 2;
      made++;
      if (typeof rate === "number") return optimizer.update(theta, gradient, share * rate);
      scaled ??= vector();
      scaled.set(rate);
      scaled.times(share);
      return optimizer.update(theta, gradient, scaled);
    },
    save: () => made,
    load(state) {
      made = state as number;
    },
  };
}

/** cos πt for t in [0, 1] by its power series: unlike `Math.cos`, the same on every machine. */
function cosPi(t: number): number {
  if (t > 0.5) return -cosPi(1 - t);
  const x = Math.PI * t;
  let value = 1;
  for (let n = 22; n > 0; n -= 2) value = 1 - ((x * x) / (n * (n - 1))) * value;
  return value;
}

const plugin: Plugin<"optimizer", typeof options, "of"> = {
  kind: "optimizer",
  name: "cosine",
  contract: 2,
  description: "Lets the rate of another optimizer fall along half a cosine.",
  paper: "arXiv:1608.03983",
  options,
  needs: ["of"],
  create: cosine,
};
export default plugin;
