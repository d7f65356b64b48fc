import { ring } from "@everlearn/buffer-ring";
import { checkLearner, toyBuffer } from "@everlearn/conformance";
import type { Buffer, Example, Network, Random, Vector } from "@everlearn/contracts";
import plugin, { gem, QuadraticProgramError } from "@everlearn/learner-gem";
import { mlp } from "@everlearn/network-mlp";
import { batches, denseNetwork, distance, dot, gradientOf, lesson, plus, range, thetaOf } from "@everlearn/oracle";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import { best } from "./active-sets.js";

const TASKS = 4;
const { tasks } = lesson({ tasks: TASKS, examples: 60, taskLabels: "training" });

const make = (outputs = 4) => mlp({ hidden: [10, 6] }, { inputs: 16, outputs, random: random(2) });
const rings = (length: number) => ring({ capacity: TASKS * length, rings: TASKS }, { random: random(3) });
const cosine = (a: Vector, b: Vector) => a.dot(b) / Math.sqrt(a.dot(a) * b.dot(b) || 1);

/** What a step was computed from, and what the memory said of it, from gradients computed apart. */
interface Step {
  readonly before: Float32Array;
  readonly stepped: Float32Array;
  readonly products: number[];
  readonly cosines: number[];
  readonly G: Float32Array[];
}

/** Learns batch by batch, and reports each step and what the learner asked of its network. */
function watched(options: { margin?: number; ridge?: number }, shown: readonly Example[][], memory: Buffer) {
  const network = make();
  const steps: Step[] = [];
  let grams = 0;
  let vectors = 0;
  let current: readonly Example[] = [];
  const spy: Network = {
    ...network,
    vector() {
      vectors++;
      return network.vector();
    },
    gram(of) {
      grams++;
      return network.gram(of);
    },
    step(gradient, rate) {
      const present = new Set(current.map(({ task }) => task));
      const past = range(TASKS).filter((task) => !present.has(task));
      const held = past.map((task) => memory.all().filter((example) => example.task === task));
      const G = held.filter(({ length }) => length > 0).map((examples) => gradientOf(network, examples));
      const g = gradientOf(network, current);
      steps.push({
        before: g.toArray(),
        stepped: gradient.toArray(),
        products: G.map((g_k) => g_k.dot(g)),
        cosines: G.map((g_k) => cosine(g_k, gradient)),
        G: G.map((g_k) => g_k.toArray()),
      });
      network.step(gradient, rate);
    },
  };
  const learner = gem({ alpha: 0.1, ...options }, { network: spy, buffer: memory });
  for (const batch of shown) {
    current = batch;
    learner.observe(batch);
  }
  return { steps, grams, vectors };
}

describe("learner-gem", () => {
  it("conforms to the learner contract", async () => {
    await checkLearner(plugin, { options: { alpha: 0.1 } });
    const buffer = (given: { random: Random }) => ring({ capacity: 20, rings: 2 }, given);
    await checkLearner(plugin, { options: { alpha: 0.05, margin: 0.5, ridge: 0.01 }, buffer });
  });

  it.each([
    { margin: 0, ridge: 0.001, size: 1, taskLabels: "training" },
    { margin: 0.5, ridge: 0.001, size: 1, taskLabels: "training" },
    { margin: 0, ridge: 0.1, size: 3, taskLabels: "training" },
    { margin: 0.2, ridge: 0, size: 1, taskLabels: "always" },
  ] as const)(
    "follows Algorithm 1 (margin $margin, ridge $ridge, batches of $size, task labels $taskLabels)",
    ({ margin, ridge, size, taskLabels }) => {
      const { tasks: shown, outputs } = lesson({ tasks: TASKS, examples: 51, taskLabels });
      const network = make(outputs);
      const { gradient } = denseNetwork(16, 10, 6, outputs);
      let theta = thetaOf(network);
      const learner = gem({ alpha: 0.05, margin, ridge }, { network, buffer: rings(8) });
      const held = range(TASKS).map((): Example[] => []);
      const kinds = { kept: 0, corrected: 0, some: 0 };
      for (const [task, examples] of shown.entries())
        for (const current of batches(examples, size)) {
          learner.observe(current);
          held[task] = [...held[task], ...current].slice(-8);
          let g = gradient(theta, current);
          const past = held.filter((all, k) => k !== task && all.length > 0);
          const G = past.map((all) => gradient(theta, all));
          const q = G.map((g_k) => dot(g_k, g));
          if (q.some((product) => product < 0)) {
            kinds.corrected++;
            const P = G.map((a, i) => G.map((b, j) => dot(a, b) + (i === j ? ridge : 0)));
            const v = best(P, q, margin);
            if (v.some((value) => value > margin) && v.includes(margin)) kinds.some++;
            g = v.reduce((sum, value, k) => plus(sum, G[k], value), g);
          } else kinds.kept++;
          theta = plus(theta, g, -0.05);
        }
      expect(distance(network.theta.toArray(), theta)).toBeLessThan(1e-5);
      // Steps of every kind have been tried.
      expect(Math.min(kinds.kept, kinds.corrected, kinds.some)).toBeGreaterThan(taskLabels === "always" ? 3 : 10);
    },
  );

  it("never steps against a past task where margin and ridge are (almost) 0, and leaves g as it is where it does not either", () => {
    const { steps, grams, vectors } = watched({ ridge: 1e-7 }, batches(tasks.flat(), 1), rings(8));
    const broken = steps.filter(({ products }) => products.some((product) => product < 0));
    const kept = steps.filter(({ products }) => !products.some((product) => product < 0));
    for (const { cosines } of steps) for (const value of cosines) expect(value).toBeGreaterThan(-1e-3);
    for (const { before, stepped } of kept) expect(stepped).toEqual(before);
    for (const { before, stepped } of broken) expect(stepped).not.toEqual(before);
    expect(Math.min(kept.length - 60, broken.length)).toBeGreaterThan(20);
    expect(grams).toBe(broken.length); // GGᵀ only where it is needed
    expect(vectors).toBe(1 + TASKS - 1); // g and one for each past task, in the whole run
  });

  it.each([0, 0.3, 2])(
    "adds max(margin, −g·g₁ / (g₁·g₁ + ridge)) of a single past task's gradient (margin %d)",
    (margin) => {
      const { steps } = watched({ margin, ridge: 0.05 }, batches([...tasks[0], ...tasks[1]], 1), rings(8));
      const broken = steps.filter(({ products: [product] }) => product < 0);
      expect(broken.length).toBeGreaterThan(10);
      for (const { before, stepped, products, G } of broken) {
        const norm = G[0].reduce((sum, value) => sum + value * value, 0);
        const v = Math.max(margin, -products[0] / (norm + 0.05));
        expect(distance(stepped, plus(Float64Array.from(before), G[0], v))).toBeLessThan(5e-6);
      }
    },
  );

  it("counts as past every other task in the memory, whole and in order, also where a task returns or a batch is mixed", () => {
    const of = (task: number, from: number, to: number) => tasks[task].slice(from, to);
    const network = make();
    const asked: (readonly (number | undefined)[])[] = [];
    const memory = toyBuffer({ capacity: 100 }, { random: random(3) }); // in the order of arrival
    const gradient: Network["gradient"] = (batch, into) => {
      asked.push((batch as readonly Example[]).map(({ task }) => task));
      return network.gradient(batch, into);
    };
    const learner = gem({ alpha: 0.01 }, { network: { ...network, gradient }, buffer: memory });
    for (const batch of [of(2, 0, 7), of(0, 0, 3), of(2, 7, 8), [...of(0, 3, 4), ...of(1, 0, 1)], of(3, 0, 1)])
      learner.observe(batch);
    const n = (task: number, count: number) => Array.from({ length: count }, () => task);
    expect(asked).toEqual([
      n(2, 7),
      ...[n(0, 3), n(2, 7)],
      ...[n(2, 1), n(0, 3)],
      ...[[0, 1], n(2, 8)],
      ...[n(3, 1), n(0, 4), n(1, 1), n(2, 8)],
    ]);
  });

  it("keeps the examples before it learns from them, as the paper does", () => {
    const [[first, second], [third]] = tasks;
    const network = make();
    const memory = toyBuffer({ capacity: 2 }, { random: random(1) });
    const asked: number[] = [];
    const gradient: Network["gradient"] = (batch, into) => {
      asked.push(batch.length);
      return network.gradient(batch, into);
    };
    const learner = gem({ alpha: 0.01 }, { network: { ...network, gradient }, buffer: memory });
    learner.observe([first, second]);
    learner.observe([third]); // drives out one of the two
    expect(asked).toEqual([2, 1, 1]);
    expect(memory.all()).toEqual([second, third]);
  });

  it("reports a singular GGᵀ, such as that of two past tasks with the same memory; a ridge mends it", () => {
    const twins = tasks[0].slice(0, 8).flatMap((example) => [example, { ...example, task: 1 }]);
    const others = tasks[2].slice(0, 50);
    const learn = (ridge: number) => {
      const network = make();
      const memory = rings(8);
      for (const twin of twins) memory.add(twin);
      const learner = gem({ alpha: 0.1, ridge }, { network, buffer: memory });
      for (const example of others) learner.observe([example]);
      return network.theta.toArray();
    };
    expect(() => learn(0)).toThrow(QuadraticProgramError);
    expect(() => learn(0)).toThrow(/over 2 past tasks .* Use a larger ridge\.$/);
    expect(learn(0.001).every((value) => Number.isFinite(value))).toBe(true);
  });

  it("refuses examples without task labels", () => {
    const [[{ x, y }]] = tasks;
    const learner = gem({ alpha: 0.1 }, { network: make(), buffer: toyBuffer({}, { random: random(1) }) });
    expect(() => learner.observe([{ x, y }])).toThrow(/GEM needs examples with task labels; choose/);
  });
});
