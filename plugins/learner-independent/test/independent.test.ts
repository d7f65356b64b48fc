import { checkLearner, toyDataset, toyScenario, toyStream } from "@everlearn/conformance";
import type { Example } from "@everlearn/contracts";
import plugin, { independent } from "@everlearn/learner-independent";
import { mlp } from "@everlearn/network-mlp";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import { type Oracle, oracle } from "./oracle.js";

const TASKS = 3;
const stream = toyStream({ tasks: TASKS }, { dataset: toyDataset(), random: random(1) });
const scenario = toyScenario({ taskLabels: "always" }, { stream });
const { outputs } = scenario;
const SIZES = [16, 10, 6, outputs];

const make = (seed = 2) => mlp({ hidden: [10, 6] }, { inputs: 16, outputs, random: random(seed) });

/** `count` examples of a task from the `from`-th on. */
function of(task: number, count: number, from = 0): Example[] {
  const train = stream.train(task);
  return Array.from({ length: count }, (_, i) => scenario.example(task, train.input(from + i), train.label(from + i)));
}

/** 201 examples: stretches of each task, coming back, then all tasks mixed. */
const examples = [
  ...of(1, 40),
  ...of(0, 40),
  ...of(1, 20, 40),
  ...of(2, 41),
  ...Array.from({ length: 20 }, (_, i) => [0, 1, 2].flatMap((task) => of(task, 1, 60 + i))).flat(),
];

const queries = Array.from({ length: 90 }, (_, i) => scenario.query(i % TASKS, stream.test(i % TASKS).input(i)));

function inBatches(shown: readonly Example[], size: number): Example[][] {
  return Array.from({ length: Math.ceil(shown.length / size) }, (_, i) => shown.slice(i * size, (i + 1) * size));
}

/** Each task's examples of a batch, tasks in the order in which they first come. */
function parts(batch: readonly Example[]): { task: number; part: Example[] }[] {
  const tasks = [...new Set(batch.map(({ task }) => task ?? -1))];
  return tasks.map((task) => ({ task, part: batch.filter((example) => example.task === task) }));
}

/** A step of SGD with rate 0.1, its gradient clipped where clip > 0. */
function descend({ theta, gradient }: Oracle, batch: readonly Example[], clip: number): void {
  const g = gradient(batch);
  const norm = Math.hypot(...g);
  const scale = clip > 0 && norm > clip ? clip / norm : 1;
  g.forEach((value, i) => (theta[i] -= 0.1 * scale * value));
}

const distance = (a: Float32Array, b: Float64Array) => Math.max(...a.map((value, i) => Math.abs(value - b[i])));

describe("learner-independent", () => {
  it("does what a learner must do", async () => {
    await checkLearner(plugin, { options: { alpha: 0.1 } });
    await checkLearner(plugin, { options: { alpha: 0.2, warmStart: false, clip: 1 } });
  });

  it.each([
    { warmStart: true, size: 1, clip: 0 },
    { warmStart: false, size: 1, clip: 0 },
    { warmStart: true, size: 7, clip: 0.3 },
    { warmStart: false, size: 7, clip: 0.3 },
  ])(
    "is SGD on a network for each task in dense loops (warm start $warmStart, batches of $size, clip $clip)",
    ({ warmStart, size, clip }) => {
      const network = make();
      const initial = network.theta.toArray();
      const learner = independent({ alpha: 0.1, warmStart, clip }, { network });
      const plains = new Map<number, Oracle>();
      let latest = initial;
      for (const batch of inBatches(examples, size)) {
        learner.observe(batch);
        for (const { task, part } of parts(batch)) {
          const plain = plains.get(task) ?? oracle(warmStart ? latest : initial, SIZES);
          plains.set(task, plain);
          descend(plain, part, clip);
          latest = Float32Array.from(plain.theta);
        }
      }
      for (const [task, plain] of plains) {
        const [example] = of(task, 1);
        learner.observe([example]); // which puts the task's network before us
        descend(plain, [example], clip);
        expect(distance(network.theta.toArray(), plain.theta)).toBeLessThan(1e-5);
      }
      expect(plains.size).toBe(TASKS);
    },
  );

  it.each([true, false])("answers each query as its own task's network does, alone (warm start %s)", (warmStart) => {
    const network = make();
    const learner = independent({ alpha: 0.1, warmStart }, { network });
    const left: Float32Array[] = [network.theta.toArray()];
    for (const task of [1, 0]) {
      for (const example of of(task, 60)) learner.observe([example]);
      left.unshift(network.theta.toArray());
    }
    // Task 2 has not come: it is answered by what it would begin with.
    const [first, second, initial] = left;
    const networks = [first, second, warmStart ? first : initial].map((theta) => {
      const other = make(9);
      other.theta.fromArray(theta);
      return other;
    });
    const expected = queries.map((query) => networks[query.task ?? -1].predict([query])[0]);
    expect([...learner.predict(queries)]).toEqual(expected);
    for (const other of networks)
      expect(queries.filter((query, i) => other.predict([query])[0] !== expected[i]).length).toBeGreaterThan(2);
  });

  it("learns a task to the same bits alone and among others, where none begins warm", () => {
    const network = make();
    const learner = independent({ alpha: 0.1, warmStart: false }, { network });
    for (const example of examples) learner.observe([example]);
    for (const task of [0, 1, 2]) {
      const alone = make();
      for (const example of examples) if (example.task === task) alone.descend([example], 0.1);
      learner.observe(of(task, 1));
      alone.descend(of(task, 1), 0.1);
      expect(network.theta.toArray()).toEqual(alone.theta.toArray());
    }
  });

  it("begins where the network is when the first task comes, and goes on where a returning task was left", () => {
    const network = make();
    const learner = independent({ alpha: 0.1 }, { network });
    const steps: Float32Array[][] = [];
    for (const [task, at] of [
      [2, 0],
      [0, 0],
      [2, 1],
      [0, 1],
    ]) {
      const before = network.theta.toArray();
      learner.observe(of(task, 1, at));
      steps.push([before, network.theta.toArray()]);
    }
    const plain = make();
    const after = (from: Float32Array, task: number, at: number) => {
      plain.theta.fromArray(from);
      plain.descend(of(task, 1, at), 0.1);
      return plain.theta.toArray();
    };
    expect(steps[0][1]).toEqual(after(make().theta.toArray(), 2, 0));
    expect(steps[1][1]).toEqual(after(steps[0][1], 0, 0));
    expect(steps[2][1]).toEqual(after(steps[0][1], 2, 1));
    expect(steps[3][1]).toEqual(after(steps[1][1], 0, 1));
  });

  it("takes back a state whatever it was and knew before", () => {
    const [network, other] = [make(), make(9)];
    const learner = independent({ alpha: 0.1, warmStart: false }, { network });
    const used = independent({ alpha: 0.1, warmStart: false }, { network: other });
    for (const example of [...of(0, 20), ...of(1, 20)]) learner.observe([example]);
    for (const example of [...of(2, 20), ...of(1, 20)]) used.observe([example]);
    used.load(learner.save());
    other.load(network.save());
    expect([...used.predict(queries)]).toEqual([...learner.predict(queries)]);
    for (const task of [2, 0, 1]) {
      for (const one of [learner, used]) one.observe(of(task, 2));
      expect(other.theta.toArray()).toEqual(network.theta.toArray());
    }
  });

  it("predicts without a trace in θ, also where it fails", () => {
    const network = make();
    const learner = independent({ alpha: 0.1 }, { network });
    for (const example of examples) learner.observe([example]);
    const theta = network.theta.toArray();
    theta.set([-0, 1e-40, -1e-45, 3e38], 0);
    network.theta.fromArray(theta);
    const bits = (values: Float32Array) => [...new Uint32Array(values.buffer)];
    learner.predict(queries);
    expect(bits(network.theta.toArray())).toEqual(bits(theta));
    const bad = { ...queries[1], x: new Uint8Array(3) };
    expect(() => learner.predict([queries[0], bad])).toThrow(/16 input values, not 3/);
    expect(bits(network.theta.toArray())).toEqual(bits(theta));
  });

  it("refuses what has no task label", () => {
    const learner = independent({ alpha: 0.1 }, { network: make() });
    const { x, y } = examples[0];
    const message = /^Learner independent needs task labels in training and at test; choose a scenario .* "task-il"\.$/;
    expect(() => learner.observe([{ x, y }])).toThrow(message);
    expect(() => learner.predict([{ x }])).toThrow(message);
  });
});
