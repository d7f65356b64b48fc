import { type Optimizer, type OptionsFor, type Plugin, type Vector, withDefaults } from "@everlearn/contracts";

const options = {
  milestones: {
    anyOf: [
      { type: "integer", minimum: 1 },
      { type: "array", items: { type: "integer", minimum: 1 } },
    ],
    description:
      "The steps after which the rate drops: each time so many have been made, or those of a list, ascending.",
  },
  gamma: {
    type: "number",
    exclusiveMinimum: 0,
    maximum: 1,
    default: 0.1,
    description: "The factor γ by which it drops.",
  },
  period: {
    anyOf: [
      { type: "integer", minimum: 0 },
      { type: "array", items: { type: "integer", minimum: 1 } },
    ],
    default: 0,
    description: "The steps after which all begins anew: always so many, or those of each cycle in turn; 0: never.",
  },
} as const;

/**
 * A step schedule: another optimizer's rate, times γ for each milestone that has been passed (PyTorch's `StepLR` and
 * `MultiStepLR`).
 * @throws RangeError for a list of milestones that does not ascend
 */
export function step(
  given: OptionsFor<typeof options>,
  { of: optimizer, vector }: { of: Optimizer; vector(): Vector },
): Optimizer {
  const { milestones, gamma, period } = withDefaults(options, given);
  if (typeof milestones !== "number" && milestones.some((at, i) => i > 0 && at <= milestones[i - 1]))
    throw new RangeError(`step: milestones must ascend, but are ${milestones.join(", ")}; list them in order.`);
  let scaled: Vector | undefined;
  let made = 0; // steps

  /** γ to the number of milestones passed after `t` steps of a cycle, by products: the same on every machine. */
  function factor(t: number): number {
    const drops =
      typeof milestones === "number" ? Math.floor(t / milestones) : milestones.filter((at) => at <= t).length;
    let product = 1;
    for (let i = 0; i < drops && product > 0; i++) product *= gamma;
    return product;
  }

  return {
    update(theta, gradient, rate) {
      const share = factor(withinCycle(made, period));
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

/** How many of the steps made belong to the cycle that goes on; after the last cycle of a list that one goes on. */
function withinCycle(made: number, period: number | readonly number[]): number {
  if (typeof period === "number") return period === 0 ? made : made % period;
  let left = made;
  for (const length of period.slice(0, -1)) {
    if (left < length) return left;
    left -= length;
  }
  return left;
}

const plugin: Plugin<"optimizer", typeof options, "of"> = {
  kind: "optimizer",
  name: "step",
  contract: 2,
  description: "Multiplies the rate of another optimizer by a factor after given numbers of steps.",
  options,
  needs: ["of"],
  create: step,
};
export default plugin;
