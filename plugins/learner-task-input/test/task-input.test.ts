import { checkLearner } from "@everlearn/conformance";
import plugin, { taskInput } from "@everlearn/learner-task-input";
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

describe("learner-task-input", () => {
  it("conforms to the learner contract", async () => {
    await checkLearner(plugin, { options: { alpha: 0.1 } });
    await checkLearner(plugin, { options: { alpha: 0.2, warmStart: true, clip: 1 } });
  });

  it.each([
    { warmStart: true, size: 1, clip: 0 },
    { warmStart: false, size: 1, clip: 0 },
    { warmStart: true, size: 7, clip: 0.3 },
    { warmStart: false, size: 7, clip: 0.3 },
  ])(
    "is SGD with an input layer for each task (warm start $warmStart, batches of $size, clip $clip)",
    ({ warmStart, size, clip }) => {
      const network = make();
      const { gradient } = denseNetwork(16, 10, 6, outputs);
      const initial = thetaOf(network);
      let theta = initial;
      const [end] = network.layers;
      const inputLayers = new Map<number, Float64Array>();
      const learner = taskInput({ alpha: 0.1, warmStart, clip }, { network });
      for (const batch of batches(examples, size)) {
        learner.observe(batch);
        for (const { task, part } of byTask(batch)) {
          const own = inputLayers.get(task) ?? (warmStart ? theta : initial).subarray(0, end);
          const whole = Float64Array.of(...own, ...theta.subarray(end));
          theta = plus(whole, clipped(gradient(whole, part), clip), -0.1);
          inputLayers.set(task, theta.subarray(0, end));
        }
      }
      expect(end).toBe(17 * 10);
      expect(inputLayers.size).toBe(3);
      expect(distance(network.theta.toArray(), theta)).toBeLessThan(1e-5);
    },
  );

  it.each([true, false])(
    "answers each query with its own task's input layer and the shared rest (warm start %s)",
    (warmStart) => {
      const network = make();
      const size = network.layers[0];
      const learner = taskInput({ alpha: 0.1, warmStart }, { network });
      const initial = network.theta.toArray();
      for (const example of tasks[1].slice(0, 60)) learner.observe([example]);
      const second = network.theta.toArray();
      for (const example of tasks[0].slice(0, 60)) learner.observe([example]);
      const first = network.theta.toArray();
      // Task 2 has not come: it is answered with what it would begin with.
      const networks = [first, second, warmStart ? first : initial].map((theta) => {
        const other = make(9);
        const values = first.slice();
        values.set(theta.subarray(0, size));
        other.theta.fromArray(values);
        return other;
      });
      const expected = queries.map((query) => networks[query.task ?? -1].predict([query])[0]);
      expect([...learner.predict(queries)]).toEqual(expected);
      for (const other of networks)
        expect(queries.filter((query, i) => other.predict([query])[0] !== expected[i]).length).toBeGreaterThan(2);
    },
  );

  it("is online SGD, bit for bit, on a single task", () => {
    const [network, plain] = [make(), make()];
    const learner = taskInput({ alpha: 0.1 }, { network });
    for (const example of tasks[1].slice(0, 60)) {
      learner.observe([example]);
      plain.descend([example], 0.1);
    }
    expect(network.theta.toArray()).toEqual(plain.theta.toArray());
  });

  it("switches between tasks without changing a weight, be it tiny, huge or 0", () => {
    const network = make();
    const learner = taskInput({ alpha: 0.1 }, { network: { ...network, descend: () => 0 } });
    const [size] = network.layers;
    const theta = network.theta.toArray();
    const odd = [-0, 0, 1e-45, -1e-40, 3.4e38, -3.4e38, 1 / 3];
    theta.set(odd, 3);
    theta.set(odd, size + 3);
    const initial = network.theta.toArray();
    const values = () => [...network.theta.toArray()].map((value) => value + 0); // the sign of a 0 may go
    learner.observe(tasks[1].slice(0, 1));
    network.theta.fromArray(theta);
    learner.observe(tasks[0].slice(0, 1));
    expect(values()).toEqual([...initial.subarray(0, size), ...theta.subarray(size)].map((value) => value + 0));
    learner.observe(tasks[1].slice(0, 1));
    expect(values()).toEqual([...theta].map((value) => value + 0));
    learner.observe([...tasks[2].slice(0, 1), ...tasks[0].slice(0, 1), ...tasks[1].slice(0, 1)]);
    expect(values()).toEqual([...theta].map((value) => value + 0));
  });

  it("loads a state whatever it has learnt before", () => {
    const [network, other] = [make(), make(9)];
    const learner = taskInput({ alpha: 0.1, warmStart: false }, { network });
    const used = taskInput({ alpha: 0.1, warmStart: false }, { network: other });
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
    const learner = taskInput({ alpha: 0.1 }, { network });
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
    const learner = taskInput({ alpha: 0.1 }, { network: make() });
    const { x, y } = examples[0];
    const message = /^Learner task-input needs task labels in training and at test; choose a scenario .* "task-il"\.$/;
    expect(() => learner.observe([{ x, y }])).toThrow(message);
    expect(() => learner.predict([{ x }])).toThrow(message);
  });
});
