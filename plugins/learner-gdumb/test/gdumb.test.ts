import { checkLearner } from "@everlearn/conformance";
import type { Example, Network } from "@everlearn/contracts";
import plugin, { gdumb } from "@everlearn/learner-gdumb";
import { mlp } from "@everlearn/network-mlp";
import { batches, clipped, denseNetwork, distance, lesson, plus, range, recordSteps, thetaOf } from "@everlearn/oracle";
import { random } from "@everlearn/random";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const make = (outputs = 4) => mlp({ hidden: [10] }, { inputs: 16, outputs, random: random(2) });

/** What a learner keeps, class after class, and θ after its last training. */
function stateOf(learner: ReturnType<typeof gdumb>): { kept: Example[]; trained: Float32Array | null } {
  const { memory, trained } = learner.save() as unknown as {
    memory: { examples: Example[] }[];
    trained: Float32Array | null;
  };
  return { kept: memory.flatMap(({ examples }) => examples), trained };
}

const { examples, queries: perTask } = lesson();
const queries = perTask.flat();

/** Learns and answers, small and fast. */
const options = { capacity: 20, passes: 4, k: 6, alpha: 0.2, alphaMin: 0.01 };
const start = (network: Network = make()) => gdumb(options, { network, random: random(4) });

describe("learner-gdumb", () => {
  it("conforms to the learner contract", async () => {
    await checkLearner(plugin, {
      options: { capacity: 24, passes: 8, k: 6, alpha: 0.3, alphaMin: 0.01 },
      examples: 60,
    });
  });

  it("keeps as many of each class as Algorithm 1 does", () => {
    const classes = fc.array(fc.constantFrom(0, 0, 0, 1, 1, 2, 3, 4), { minLength: 20, maxLength: 150 });
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 12 }), classes, (seed, capacity, stream) => {
        const learner = gdumb({ capacity, passes: 1 }, { network: make(), random: random(seed) });
        const held = new Map<number, number>(); // C
        let before: Example[] = [];
        for (const [i, y] of stream.entries()) {
          const total = [...held.values()].reduce((a, b) => a + b, 0);
          const own = held.get(y);
          const taken = own === undefined || own < capacity / held.size;
          if (taken) {
            if (total >= capacity) {
              const most = Math.max(...held.values());
              for (const [c, n] of held)
                if (n === most) {
                  held.set(c, n - 1);
                  break;
                }
            }
            held.set(y, (own ?? 0) + 1);
          }
          const example = { x: Uint8Array.of(i), y };
          learner.observe([example]);
          const { kept } = stateOf(learner);
          for (const [c, n] of held) expect(kept.filter((one) => one.y === c).length).toBe(n);
          expect(kept.includes(example)).toBe(taken);
          if (!taken) expect(kept).toEqual(before);
          before = kept;
        }
      }),
      { numRuns: 60 },
    );
  });

  it("lets every example of the largest class leave equally often", () => {
    const left = new Uint32Array(5);
    const draw = random(9);
    const network = make();
    const blank = network.vector();
    for (let round = 0; round < 5000; round++) {
      const learner = gdumb({ capacity: 5 }, { network: { ...network, vector: () => blank }, random: draw });
      learner.observe(range(5).map((i) => ({ x: Uint8Array.of(i), y: 0 })));
      learner.observe([{ x: Uint8Array.of(9), y: 1 }]);
      const held = stateOf(learner).kept.map(({ x }) => x[0]);
      left[range(5).findIndex((i) => !held.includes(i))]++;
    }
    for (const times of left) expect(Math.abs(times - 1000)).toBeLessThan(5 * Math.sqrt(800));
  });

  it.each([
    { taskLabels: "never", clip: 10 },
    { taskLabels: "never", clip: 0.5 },
    { taskLabels: "never", clip: 0 },
    { taskLabels: "always", clip: 10 },
  ] as const)("trains as the paper does (task labels $taskLabels, clip $clip)", ({ taskLabels, clip }) => {
    const shown = lesson({ taskLabels });
    const network = make(shown.outputs);
    const { gradient, predict } = denseNetwork(16, 10, shown.outputs);
    let theta = thetaOf(network);
    const learner = gdumb({ ...options, passes: 6, clip }, { network, random: random(4) });
    let changes = 0;
    for (const example of shown.examples) {
      learner.observe([example]);
      if (stateOf(learner).kept.includes(example)) changes++;
    }
    const { kept } = stateOf(learner);
    const answers = learner.predict(shown.queries.flat());
    const shuffle = random(4).fork(`training-${changes}`);
    const rates = [0.1 * 0.2, 0.2, 0.2, (0.2 + 0.01) / 2, 0.2, 0.01 + (0.19 * (1 + Math.SQRT1_2)) / 2];
    for (const rate of rates) {
      const order = Array.from(shuffle.permutation(20), (i) => kept[i]);
      for (const batch of batches(order, 6)) theta = plus(theta, clipped(gradient(theta, batch), clip), -rate);
    }
    const { trained } = stateOf(learner);
    expect(distance(trained ?? [], theta)).toBeLessThan(1e-5);
    expect([...answers]).toEqual(shown.queries.flat().map((query) => predict(theta, query)));
  });

  it("learns the same however often it is asked, and leaves its network as it is", () => {
    const [network, other] = [make(), make()];
    const [asked, quiet] = [start(network), start(other)];
    const theta = network.theta.toArray();
    for (const example of examples) {
      asked.observe([example]);
      asked.predict(queries.slice(0, 3));
      quiet.observe([example]);
      expect(network.theta.toArray()).toEqual(theta);
    }
    expect(asked.predict(queries)).toEqual(quiet.predict(queries));
    expect(stateOf(asked)).toEqual(stateOf(quiet));
  });

  it("trains once for what it holds, and again when that has changed", () => {
    const network = make();
    const steps = recordSteps(network);
    const learner = start(network);
    expect(learner.predict(queries)).toEqual(network.predict(queries)); // it holds nothing
    expect(steps.length).toBe(0);
    for (const example of examples) learner.observe([example]);
    expect(steps.length).toBe(0);
    for (const _ of range(3)) learner.predict(queries);
    expect(steps.length).toBe(4 * 4);
    const resumed = start(make());
    resumed.load(learner.save());
    expect(resumed.predict(queries)).toEqual(learner.predict(queries));
    learner.observe([{ ...examples[0], y: stateOf(learner).kept[0].y }]); // a class that has its share
    learner.predict(queries);
    expect(steps.length).toBe(16);
  });

  it("goes on from a saved state as if it had not stopped, whatever it held before", () => {
    const byClass = [0, 1, 2, 3].flatMap((c) => examples.filter(({ y }) => y === c).slice(0, 30));
    for (const stop of [10, 25, 35, 70]) {
      const draw = random(4);
      const learner = gdumb(options, { network: make(), random: draw });
      for (const example of byClass.slice(0, stop)) learner.observe([example]);
      const again = random(4);
      const resumed = gdumb(options, { network: make(), random: again });
      resumed.observe(byClass.toReversed());
      resumed.predict(queries);
      resumed.load(learner.save());
      again.load(draw.save());
      expect(resumed.predict(queries)).toEqual(learner.predict(queries));
      for (const one of [learner, resumed]) for (const example of byClass.slice(stop)) one.observe([example]);
      expect(stateOf(resumed).kept.length).toBe(20);
      expect(resumed.predict(queries)).toEqual(learner.predict(queries));
      expect(resumed.save()).toEqual(learner.save());
    }
  });

  it("restores its network's whole state, also where training diverges", () => {
    const network = make();
    let moments = 0; // of an optimizer
    const wrapped: Network = {
      ...network,
      descend(...values) {
        moments++;
        return network.descend(...values);
      },
      save: () => ({ network: network.save(), moments }),
      load(state) {
        const saved = state as { network: Float32Array; moments: number };
        network.load(saved.network);
        ({ moments } = saved);
      },
    };
    const theta = network.theta.toArray();
    for (const [alpha, diverges] of [
      [0.1, false],
      [1e30, true],
    ] as const) {
      const learner = gdumb({ ...options, alpha, clip: 0 }, { network: wrapped, random: random(4) });
      learner.observe(examples);
      if (diverges) expect(() => learner.predict(queries)).toThrow(/diverged/);
      else learner.predict(queries);
      expect(moments).toBe(0);
      expect(network.theta.toArray()).toEqual(theta);
    }
  });

  it("refuses rates in the wrong order", () => {
    const given = { network: make(), random: random(0) };
    expect(() => gdumb({ capacity: 5, alpha: 0.1, alphaMin: 0.2 }, given)).toThrow(/use alphaMin ≤ alpha/);
    expect(() => gdumb({ capacity: 5, alpha: 0.1, alphaMin: 0.1 }, given)).not.toThrow();
  });
});
