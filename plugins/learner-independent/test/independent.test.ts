import { checkLearner } from "@everlearn/conformance";
import type { Example } from "@everlearn/contracts";
import plugin, { independent } from "@everlearn/learner-independent";
import { mlp } from "@everlearn/network-mlp";
import { batches, byTask, clipped, denseNetwork, distance, lesson, plus, range, thetaOf } from "@everlearn/oracle";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";

const { tasks, queries: perTask, outputs } = lesson({ tasks: 3, examples: 80, taskLabels: "always" });
const make = (seed = 2) => mlp({ hidden: [10, 6] }, { inputs: 16, outputs, random: random(seed) });

/** 201 examples: stretches of each task, one of which returns, then all tasks mixed. */
const examples = [
  ...tasks[1].slice(0, 40),
  ...tasks[0].slice(0, 40),
  ...tasks[1].slice(40, 60),
  ...tasks[2].slice(0, 41),
  ...range(20).flatMap((i) => tasks.map((own) => own[60 + i])),
];
const queries = range(30).flatMap((i) => perTask.map((own) => own[i]));

describe("learner-independent", () => {
  it("conforms to the learner contract", async () => {
    await checkLearner(plugin, { options: { alpha: 0.1 } });
    await checkLearner(plugin, { options: { alpha: 0.2, warmStart: false, clip: 1 } });
  });

  it.each([
    { warmStart: true, size: 1, clip: 0 },
    { warmStart: false, size: 1, clip: 0 },
    { warmStart: true, size: 7, clip: 0.3 },
    { warmStart: false, size: 7, clip: 0.3 },
  ])(
    "is SGD on a network for each task (warm start $warmStart, batches of $size, clip $clip)",
    ({ warmStart, size, clip }) => {
      const network = make();
      const { gradient } = denseNetwork(16, 10, 6, outputs);
      const initial = thetaOf(network);
      const thetas = new Map<number, Float64Array>();
      let latest = initial;
      const learner = independent({ alpha: 0.1, warmStart, clip }, { network });
      const after = (theta: Float64Array, part: readonly Example[]) =>
        plus(theta, clipped(gradient(theta, part), clip), -0.1);
      for (const batch of batches(examples, size)) {
        learner.observe(batch);
        for (const { task, part } of byTask(batch)) {
          latest = after(thetas.get(task) ?? (warmStart ? latest : initial), part);
          thetas.set(task, latest);
        }
      }
      for (const [task, theta] of thetas) {
        const [example] = tasks[task];
        learner.observe([example]); // which puts the task's parameters into the network
        expect(distance(network.theta.toArray(), after(theta, [example]))).toBeLessThan(1e-5);
      }
      expect(thetas.size).toBe(3);
    },
  );

  it.each([true, false])("answers each query as its own task's network does (warm start %s)", (warmStart) => {
    const network = make();
    const learner = independent({ alpha: 0.1, warmStart }, { network });
    const left: Float32Array[] = [network.theta.toArray()];
    for (const task of [1, 0]) {
      for (const example of tasks[task].slice(0, 60)) learner.observe([example]);
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

  it("learns a task to the same bits alone and among others without a warm start", () => {
    const network = make();
    const learner = independent({ alpha: 0.1, warmStart: false }, { network });
    for (const example of examples) learner.observe([example]);
    for (const task of [0, 1, 2]) {
      const alone = make();
      for (const example of examples) if (example.task === task) alone.descend([example], 0.1);
      learner.observe(tasks[task].slice(0, 1));
      alone.descend(tasks[task].slice(0, 1), 0.1);
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
      learner.observe(tasks[task].slice(at, at + 1));
      steps.push([before, network.theta.toArray()]);
    }
    const plain = make();
    const after = (from: Float32Array, task: number, at: number) => {
      plain.theta.fromArray(from);
      plain.descend(tasks[task].slice(at, at + 1), 0.1);
      return plain.theta.toArray();
    };
    expect(steps[0][1]).toEqual(after(make().theta.toArray(), 2, 0));
    expect(steps[1][1]).toEqual(after(steps[0][1], 0, 0));
    expect(steps[2][1]).toEqual(after(steps[0][1], 2, 1));
    expect(steps[3][1]).toEqual(after(steps[1][1], 0, 1));
  });

  it("loads a state whatever it has learnt before", () => {
    const [network, other] = [make(), make(9)];
    const learner = independent({ alpha: 0.1, warmStart: false }, { network });
    const used = independent({ alpha: 0.1, warmStart: false }, { network: other });
    for (const example of [...tasks[0].slice(0, 20), ...tasks[1].slice(0, 20)]) learner.observe([example]);
    for (const example of [...tasks[2].slice(0, 20), ...tasks[1].slice(0, 20)]) used.observe([example]);
    used.load(learner.save());
    other.load(network.save());
    expect([...used.predict(queries)]).toEqual([...learner.predict(queries)]);
    for (const task of [2, 0, 1]) {
      for (const one of [learner, used]) one.observe(tasks[task].slice(0, 2));
      expect(other.theta.toArray()).toEqual(network.theta.toArray());
    }
  });

  it("leaves θ as it is where it predicts, even where that fails", () => {
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

  it("refuses examples and queries without a task label", () => {
    const learner = independent({ alpha: 0.1 }, { network: make() });
    const { x, y } = examples[0];
    const message = /^Learner independent needs task labels in training and at test; choose a scenario .* "task-il"\.$/;
    expect(() => learner.observe([{ x, y }])).toThrow(message);
    expect(() => learner.predict([{ x }])).toThrow(message);
  });
});
