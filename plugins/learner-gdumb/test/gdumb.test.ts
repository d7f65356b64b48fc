import { checkLearner, toyDataset, toyScenario, toyStream } from "@everlearn/conformance";
import type { Example, Network, Query } from "@everlearn/contracts";
import plugin, { gdumb } from "@everlearn/learner-gdumb";
import { mlp } from "@everlearn/network-mlp";
import { random } from "@everlearn/random";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { oracle } from "./oracle.js";

const count = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const make = (outputs = 4) => mlp({ hidden: [10] }, { inputs: 16, outputs, random: random(2) });
const distance = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i])));

/** What a learner keeps, class after class, and θ after its last training. */
function stateOf(learner: ReturnType<typeof gdumb>): { kept: Example[]; trained: Float32Array | null } {
  const { memory, trained } = learner.save() as unknown as {
    memory: { examples: Example[] }[];
    trained: Float32Array | null;
  };
  return { kept: memory.flatMap(({ examples }) => examples), trained };
}

function shown(taskLabels: "never" | "always"): { examples: Example[]; queries: Query[]; outputs: number } {
  const stream = toyStream({}, { dataset: toyDataset(), random: random(1) });
  const scenario = toyScenario({ taskLabels }, { stream });
  const examples = [0, 1].flatMap((task) => {
    const train = stream.train(task);
    return count(100).map((i) => scenario.example(task, train.input(i), train.label(i)));
  });
  const queries = [0, 1].flatMap((task) => count(50).map((i) => scenario.query(task, stream.test(task).input(i))));
  return { examples, queries, outputs: scenario.outputs };
}
const { examples, queries } = shown("never");

/** Learns and answers, small and fast. */
const options = { capacity: 20, passes: 4, k: 6, alpha: 0.2, alphaMin: 0.01 };
const start = (network: Network = make()) => gdumb(options, { network, random: random(4) });

describe("learner-gdumb", () => {
  it("does what a learner must do", async () => {
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

  it("lets any example of the largest class leave alike", () => {
    const left = new Uint32Array(5);
    const draw = random(9);
    const network = make();
    const blank = network.vector();
    for (let round = 0; round < 5000; round++) {
      const learner = gdumb({ capacity: 5 }, { network: { ...network, vector: () => blank }, random: draw });
      learner.observe(count(5).map((i) => ({ x: Uint8Array.of(i), y: 0 })));
      learner.observe([{ x: Uint8Array.of(9), y: 1 }]);
      const held = stateOf(learner).kept.map(({ x }) => x[0]);
      left[count(5).findIndex((i) => !held.includes(i))]++;
    }
    for (const times of left) expect(Math.abs(times - 1000)).toBeLessThan(5 * Math.sqrt(800));
  });

  it.each([
    { labels: "never", clip: 10 },
    { labels: "never", clip: 0.5 },
    { labels: "never", clip: 0 },
    { labels: "always", clip: 10 },
  ] as const)("trains as the paper in dense loops (task labels $labels, clip $clip)", ({ labels, clip }) => {
    const lesson = shown(labels);
    const network = make(lesson.outputs);
    const plain = oracle(network.theta.toArray(), 16, 10, lesson.outputs);
    const learner = gdumb({ ...options, passes: 6, clip }, { network, random: random(4) });
    const known: Example[] = [];
    let changes = 0;
    for (const example of lesson.examples) {
      learner.observe([example]);
      if (stateOf(learner).kept.includes(example)) changes++;
      known.push(example);
    }
    const { kept } = stateOf(learner);
    learner.predict(lesson.queries);
    const shuffle = random(4).fork(`training-${changes}`);
    const rates = [0.1 * 0.2, 0.2, 0.2, (0.2 + 0.01) / 2, 0.2, 0.01 + (0.19 * (1 + Math.SQRT1_2)) / 2];
    for (const rate of rates) {
      const order = Array.from(shuffle.permutation(20), (i) => kept[i]);
      for (let i = 0; i < 20; i += 6) {
        const batch = order.slice(i, i + 6);
        plain.step(
          batch.map(({ x, y, outputs: own }) => ({
            x,
            delta(z) {
              const powers = z.map((v, o) => (own?.includes(o) === false ? 0 : Math.exp(v)));
              const sum = powers.reduce((a, b) => a + b);
              return powers.map((power, o) => (power / sum - (o === y ? 1 : 0)) / batch.length);
            },
          })),
          rate,
          clip || Infinity,
        );
      }
    }
    const { trained } = stateOf(learner);
    expect(distance(trained ?? [], plain.theta)).toBeLessThan(1e-5);
    const answers = lesson.queries.map(({ x, outputs: own }) => {
      const z = plain.logits(x).map((v, o) => (own?.includes(o) === false ? -Infinity : v));
      return z.indexOf(Math.max(...z));
    });
    expect([...learner.predict(lesson.queries)]).toEqual(answers);
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
    let steps = 0;
    const learner = start({
      ...network,
      descend(...values) {
        steps++;
        return network.descend(...values);
      },
    });
    expect(learner.predict(queries)).toEqual(network.predict(queries)); // it holds nothing
    expect(steps).toBe(0);
    for (const example of examples) learner.observe([example]);
    expect(steps).toBe(0);
    for (const _ of [1, 2, 3]) learner.predict(queries);
    expect(steps).toBe(4 * 4);
    const resumed = start(network);
    resumed.load(learner.save());
    expect(resumed.predict(queries)).toEqual(learner.predict(queries));
    learner.observe([{ ...examples[0], y: stateOf(learner).kept[0].y }]); // a class that has its share
    learner.predict(queries);
    expect(steps).toBe(16);
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

  it("brings its network's whole state back, also where training diverges", () => {
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
