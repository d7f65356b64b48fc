import { checkOptimizer } from "@everlearn/conformance";
import type { OptionsFor, Optimizer, Vector } from "@everlearn/contracts";
import { mlp } from "@everlearn/network-mlp";
import plugin, { cosine } from "@everlearn/optimizer-cosine";
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
  const subject = cosine(options, { of, vector });
  for (let i = 0; i < count; i++) subject.update({} as Vector, {} as Vector, 1);
  return seen;
}

const rounded = (values: readonly number[]) => values.map((value) => Number(value.toFixed(13)));

describe("optimizer-cosine", () => {
  it("does what an optimizer must do", async () => {
    await checkOptimizer(plugin, { options: { steps: 50, minimum: 0.2, restart: true } });
    await checkOptimizer(plugin, { options: { steps: [3, 4000] } });
  });

  const half = [1, 0.9045084971874737, 0.6545084971874737, 0.34549150281252633, 0.09549150281252633];
  // Rates of PyTorch 2.10's CosineAnnealingLR(8), the same with eta_min = 0.1, and CosineAnnealingWarmRestarts(5).
  it.each<[Options, number[]]>([
    [
      { steps: 8 },
      [
        ...[1, 0.9619397662556434, 0.8535533905932737, 0.6913417161825449, 0.5, 0.30865828381745514],
        ...[0.14644660940672627, 0.03806023374435664, 0, 0, 0],
      ],
    ],
    [
      { steps: 8, minimum: 0.1 },
      [
        ...[1, 0.9657457896300791, 0.8681980515339464, 0.7222075445642905, 0.55, 0.3777924554357097],
        ...[0.2318019484660537, 0.134254210369921, 0.1, 0.1],
      ],
    ],
    [{ steps: 5, restart: true }, [...half, ...half, ...half]],
    [{ steps: [5, 2, 1] }, [...half, 1, 0.5, 1, 0, 0]],
    [{ steps: [2, 5], restart: true }, [1, 0.5, ...half, ...half]],
  ])("falls as PyTorch's schedules, and begins anew with each cycle (%j)", (options, expected) => {
    expect(rounded(rates(options, expected.length))).toEqual(rounded(expected));
  });

  it("scales a rate for each parameter, and goes on from what it saved", () => {
    const network = mlp({ hidden: [] }, { inputs: 3, outputs: 2, random: random(0) });
    const vector = () => network.vector();
    const make = () => cosine({ steps: 4 }, { of: sgd({}, network), vector });
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
    // (1 + cos 0) / 2 + … + (1 + cos 3π/4) / 2 = 2.5, to float32's rounding
    for (const [i, value] of network.theta.toArray().entries()) expect(value).toBeCloseTo((-i / 8) * 2.5, 6);
    expect(own.toArray()[1]).toBe(1 / 8);
  });

  it("refuses a list of no cycles", () => {
    expect(() => rates({ steps: [] }, 1)).toThrow("steps lists no cycle; give the steps of one at least.");
  });
});
