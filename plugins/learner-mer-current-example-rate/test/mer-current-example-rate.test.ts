import { reservoir } from "@everlearn/buffer-reservoir";
import { checkLearner } from "@everlearn/conformance";
import type { Buffer, Example, OptionsFor } from "@everlearn/contracts";
import plugin, { merCurrentExampleRate } from "@everlearn/learner-mer-current-example-rate";
import { mlp } from "@everlearn/network-mlp";
import {
  batches,
  clipped,
  denseNetwork,
  distance,
  lerp,
  lesson,
  plus,
  range,
  recordDraws,
  recordSteps,
  thetaOf,
} from "@everlearn/oracle";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";

type Options = OptionsFor<typeof plugin.options>;
type Setting = { outputs?: number; seed?: number; keep?: readonly Example[] };

const { examples } = lesson();
const make = (outputs = 4) => mlp({ hidden: [10, 6] }, { inputs: 16, outputs, random: random(2) });
const memory = (): Buffer => reservoir({ capacity: 30 }, { random: random(3) });
const ascending = (values: readonly number[]) => values.toSorted((a, b) => a - b);

/** A learner at work, what it draws, and the steps that it makes. */
function session(options: Options, { outputs = 4, seed = 4, keep = [] }: Setting = {}) {
  const buffer = memory();
  for (const example of keep) buffer.add(example);
  const network = make(outputs);
  const [draws, steps] = [recordDraws(buffer), recordSteps(network)];
  const learner = merCurrentExampleRate(options, { network, buffer, random: random(seed) });
  return { learner, network, buffer, draws, steps };
}

/** θ after the examples, in batches of `size`. */
function learnt(options: Options, size = 1, shown = examples, setting: Setting = {}): Float32Array {
  const { learner, network } = session(options, setting);
  for (const batch of batches(shown, size)) learner.observe(batch);
  return network.theta.toArray();
}

describe("learner-mer-current-example-rate", () => {
  it("conforms to the learner contract", async () => {
    await checkLearner(plugin, { options: { alpha: 0.1, gamma: 0.5, k: 5, s: 2 } });
    await checkLearner(plugin, { options: { alpha: 0.1, gamma: 0.3, k: 4, s: 3, clip: 1, variant: "released" } });
  });

  it.each([
    { taskLabels: "never", clip: 0 },
    { taskLabels: "always", clip: 0 },
    { taskLabels: "always", clip: 0.5 },
  ] as const)("follows Algorithm 7 (task labels $taskLabels, clip $clip)", ({ taskLabels, clip }) => {
    const { examples: shown, outputs } = lesson({ taskLabels });
    const options = { alpha: 0.05, gamma: 0.4, k: 6, s: 4, clip };
    const { learner, network, buffer, draws, steps } = session(options, { outputs });
    const { gradient } = denseNetwork(16, 10, 6, outputs);
    let theta = thetaOf(network);
    shown.forEach((current, n) => {
      learner.observe([current]);
      expect(draws[n].length).toBe(Math.min(5, n));
      const made = steps.splice(0).map(({ batch }) => batch);
      expect(made.every(({ length }) => length === 1)).toBe(true);
      const order = made.map(([term]) => shown.indexOf(term as Example));
      expect(ascending(order)).toEqual(ascending([...draws[n], current].map((example) => shown.indexOf(example))));
      expect(Math.max(...order)).toBe(n); // all draws are older
      const before = theta;
      for (const i of order) {
        const rate = i === n ? 0.05 * 4 : 0.05;
        theta = plus(theta, clipped(gradient(theta, [shown[i]]), clip), -rate);
      }
      theta = lerp(before, theta, 0.4);
    });
    expect(buffer.size).toBe(30);
    expect(distance(network.theta.toArray(), theta)).toBeLessThan(1e-5);
  });

  it("knows the current example by its place, whatever equal ones the buffer holds", () => {
    const { learner, steps } = session({ alpha: 0.01, k: 6, s: 3 });
    for (const n of range(20)) {
      learner.observe([examples[0]]);
      const draws = new Array<number>(Math.min(5, n)).fill(0.01);
      expect(ascending(steps.splice(0).map(({ rate }) => rate))).toEqual([...draws, 3 * 0.01]);
    }
  });

  it("learns the current example at any place with the same probability, as its generator says", () => {
    const places = (seed: number) => {
      const { learner, steps } = session({ alpha: 1e-6, k: 5, s: 2 }, { seed, keep: examples.slice(0, 30) });
      return range(2000).map((n) => {
        learner.observe([examples[n % 200]]);
        return steps.splice(0).findIndex(({ rate }) => rate === 2e-6);
      });
    };
    const found = places(4);
    const counts = range(5).map((place) => found.filter((one) => one === place).length);
    const chiSquare = counts.reduce((sum, count) => sum + (count - 400) ** 2 / 400, 0);
    expect(chiSquare).toBeLessThan(18.47); // 4 degrees of freedom, 0.1 %
    expect(places(4)).toEqual(found);
    expect(places(5)).not.toEqual(found);
  });

  it('only keeps the very first example in the variant "released"', () => {
    const options = { alpha: 0.1, gamma: 0.5, k: 4, s: 2 };
    const { learner, network, buffer } = session({ ...options, variant: "released" });
    learner.observe(examples.slice(0, 1));
    expect(network.theta.toArray()).toEqual(make().theta.toArray());
    expect(buffer.all()).toEqual(examples.slice(0, 1));
    const released = learnt({ ...options, variant: "released" });
    expect(released).toEqual(learnt(options, 1, examples.slice(1), { keep: examples.slice(0, 1) }));
    expect(released).not.toEqual(learnt(options));
    expect(learnt(options)).toEqual(learnt({ ...options, variant: "paper" }));
  });

  it("learns a batch of the stream example by example", () => {
    const options = { alpha: 0.1, gamma: 0.3, k: 4, s: 2 };
    expect(learnt(options, 8)).toEqual(learnt(options));
    const released = { ...options, variant: "released" } as const;
    expect(learnt(released, 8)).toEqual(learnt(released));
  });

  it("refuses more draws than the buffer can hold", () => {
    const given = { network: make(), buffer: memory(), random: random(4) };
    expect(() => merCurrentExampleRate({ alpha: 0.1, k: 31, s: 2 }, given)).not.toThrow();
    expect(() => merCurrentExampleRate({ alpha: 0.1, k: 32, s: 2 }, given)).toThrow(RangeError);
    expect(() => merCurrentExampleRate({ alpha: 0.1, k: 32, s: 2 }, given)).toThrow(/k = 32 .* at most 30; use k ≤ 31/);
  });
});
