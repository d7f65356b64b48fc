import { checkOptimizer } from "@everlearn/conformance";
import type { OptionsFor, Optimizer, Vector } from "@everlearn/contracts";
import { mlp } from "@everlearn/network-mlp";
import plugin, { step } from "@everlearn/optimizer-step";
import { sgd } from "@everlearn/optimizer-sgd";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";

type Options = OptionsFor<typeof plugin.options>;

/** The rates that the optimizer of which it is made is handed, of a rate of 1. */
function rates(options: Options, count: number): number[] {
  const seen: number[] = [];
  const of: Optimizer = { update: (_, __, rate) => void seen.push(rate as number), save: () => null, load: () => {} };
  const vector = () => {
    throw new TypeError("No vector is needed.");
  };
  const subject = step(options, { of, vector });
  for (let i = 0; i < count; i++) subject.update({} as Vector, {} as Vector, 1);
  return seen;
}

const rounded = (values: readonly number[]) => values.map((value) => Number(value.toFixed(13)));

describe("optimizer-step", () => {
  it("does what an optimizer must do", async () => {
    await checkOptimizer(plugin, { options: { milestones: 4, gamma: 0.9, period: 9 }, rate: 0.02 });
    await checkOptimizer(plugin, { options: { milestones: [3, 5], gamma: 0.5 }, rate: 0.04 });
  });

  // Rates of PyTorch 2.10's StepLR(3, 0.5) and MultiStepLR([2, 5, 6], 0.2).
  it.each<[Options, number[]]>([
    [{ milestones: 3, gamma: 0.5 }, [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125]],
    [{ milestones: [2, 5, 6], gamma: 0.2 }, [1, 1, 0.2, 0.2, 0.2, 0.04, 0.008, 0.008, 0.008]],
    [{ milestones: [1] }, [1, 0.1, 0.1]],
    [{ milestones: [], gamma: 0.5 }, [1, 1]],
    [{ milestones: [2, 3], gamma: 0.5, period: 4 }, [1, 1, 0.5, 0.25, 1, 1, 0.5, 0.25, 1]],
    [{ milestones: 2, gamma: 0.5, period: [3, 1, 2] }, [1, 1, 0.5, 1, 1, 1, 0.5, 0.5, 0.25]],
  ])("drops as PyTorch's schedules, and begins anew after a period (%j)", (options, expected) => {
    expect(rounded(rates(options, expected.length))).toEqual(rounded(expected));
  });

  it("comes to an end at rates that are 0", () => {
    const made = step(
      { milestones: 1, gamma: 0.1 },
      { of: { update() {}, save: () => null, load() {} }, vector: () => ({}) as Vector },
    );
    made.load(2 ** 40);
    made.update({} as Vector, {} as Vector, 1);
    expect(made.save()).toBe(2 ** 40 + 1);
  });

  it("scales a rate for each parameter, and goes on from what it saved", () => {
    const network = mlp({ hidden: [] }, { inputs: 3, outputs: 2, random: random(0) });
    const vector = () => network.vector();
    const make = () => step({ milestones: 2, gamma: 0.5 }, { of: sgd({}, network), vector });
    const [gradient, own] = [network.vector(), network.vector()];
    gradient.map(() => 1);
    own.fromArray(Float32Array.from({ length: 8 }, (_, i) => i / 8));
    let optimizer = make();
    network.theta.map(() => 0);
    for (let t = 0; t < 6; t++) {
      const saved = optimizer.save();
      optimizer = make();
      optimizer.load(saved);
      optimizer.update(network.theta, gradient, own);
    }
    expect([...network.theta.toArray()]).toEqual(Array.from({ length: 8 }, (_, i) => (i === 0 ? 0 : (-i / 8) * 3.5)));
    expect(own.toArray()[1]).toBe(1 / 8);
  });

  it("refuses milestones that do not ascend", () => {
    expect(() => rates({ milestones: [3, 3] }, 1)).toThrow("milestones must ascend, but are 3, 3; list them in order.");
  });
});
