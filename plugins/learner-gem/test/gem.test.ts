import { ring } from "@everlearn/buffer-ring";
import { checkLearner, toyBuffer, toyDataset, toyScenario, toyStream } from "@everlearn/conformance";
import type { Buffer, Example, Network, Vector } from "@everlearn/contracts";
import plugin, { gem, QuadraticProgramError } from "@everlearn/learner-gem";
import { mlp } from "@everlearn/network-mlp";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import { best } from "./active-sets.js";
import { dot, oracle } from "./oracle.js";

const TASKS = 4;
const stream = toyStream({ tasks: TASKS }, { dataset: toyDataset(), random: random(1) });

/** `count` examples of each task in turn. */
function lesson(
  count: number,
  taskLabels: "training" | "always" = "training",
): { examples: Example[]; outputs: number } {
  const scenario = toyScenario({ taskLabels }, { stream });
  const examples = Array.from({ length: TASKS }, (_, task) => {
    const train = stream.train(task);
    return Array.from({ length: count }, (_, i) => scenario.example(task, train.input(i), train.label(i)));
  }).flat();
  return { examples, outputs: scenario.outputs };
}

const make = (outputs = 4) => mlp({ hidden: [10, 6] }, { inputs: 16, outputs, random: random(2) });
const rings = (length: number) => ring({ capacity: TASKS * length, rings: TASKS }, { random: random(3) });
const cosine = (a: Vector, b: Vector) => a.dot(b) / Math.sqrt(a.dot(a) * b.dot(b) || 1);

/** What each step was given and what the memory said of it, from gradients of its own. */
function watched(options: { margin?: number; ridge?: number }, batches: readonly Example[][], memory: Buffer) {
  const network = make();
  const steps: {
    before: Float32Array;
    stepped: Float32Array;
    products: number[];
    cosines: number[];
    G: Float32Array[];
  }[] = [];
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
      const past = [0, 1, 2, 3].filter((task) => !present.has(task));
      const held = past.map((task) => memory.all().filter((example) => example.task === task));
      const G = held.filter(({ length }) => length > 0).map((examples) => network.gradient(examples));
      const g = network.gradient(current);
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
  for (const batch of batches) {
    current = batch;
    learner.observe(batch);
  }
  return { steps, grams, vectors };
}

describe("learner-gem", () => {
  it("does what a learner must do", async () => {
    await checkLearner(plugin, { options: { alpha: 0.1 } });
    const buffer = {
      buffer: (given: { random: ReturnType<typeof random> }) => ring({ capacity: 20, rings: 2 }, given),
    };
    await checkLearner(plugin, { options: { alpha: 0.05, margin: 0.5, ridge: 0.01 }, ...buffer });
  });

  it.each([
    { margin: 0, ridge: 0.001, batch: 1, labels: "training" },
    { margin: 0.5, ridge: 0.001, batch: 1, labels: "training" },
    { margin: 0, ridge: 0.1, batch: 3, labels: "training" },
    { margin: 0.2, ridge: 0, batch: 1, labels: "always" },
  ] as const)(
    "follows Algorithm 1 in dense loops (margin $margin, ridge $ridge, batches of $batch, labels $labels)",
    ({ margin, ridge, batch, labels }) => {
      const { examples, outputs } = lesson(51, labels);
      const network = make(outputs);
      const plain = oracle(network.theta.toArray(), [16, 10, 6, outputs]);
      const learner = gem({ alpha: 0.05, margin, ridge }, { network, buffer: rings(8) });
      const held = Array.from({ length: TASKS }, (): Example[] => []);
      const kinds = { kept: 0, corrected: 0, some: 0 };
      for (let at = 0; at < examples.length; at += batch) {
        const current = examples.slice(at, at + batch);
        learner.observe(current);
        const task = current[0].task ?? -1;
        held[task] = [...held[task], ...current].slice(-8);
        const g = plain.gradient(current);
        const G = held.filter((all, k) => k !== task && all.length > 0).map((all) => plain.gradient(all));
        const q = G.map((g_k) => dot(g_k, g));
        if (q.some((product) => product < 0)) {
          kinds.corrected++;
          const P = G.map((a, i) => G.map((b, j) => dot(a, b) + (i === j ? ridge : 0)));
          const v = best(P, q, margin);
          if (v.some((value) => value > margin) && v.includes(margin)) kinds.some++;
          v.forEach((value, k) => g.forEach((_, i) => (g[i] += value * G[k][i])));
        } else kinds.kept++;
        g.forEach((value, i) => (plain.theta[i] -= 0.05 * value));
      }
      const apart = network.theta.toArray().map((value, i) => Math.abs(value - plain.theta[i]));
      expect(Math.max(...apart)).toBeLessThan(1e-5);
      // Steps of every kind have been tried.
      const least = labels === "always" ? 3 : 10;
      expect(Math.min(kinds.kept, kinds.corrected, kinds.some)).toBeGreaterThan(least);
    },
  );

  it("steps against no past task where margin and ridge are 0 or almost, and as it would where nothing forbids it", () => {
    const batches = lesson(50).examples.map((example) => [example]);
    const { steps, grams, vectors } = watched({ ridge: 1e-7 }, batches, rings(8));
    const broken = steps.filter(({ products }) => products.some((product) => product < 0));
    const kept = steps.filter(({ products }) => !products.some((product) => product < 0));
    for (const { cosines } of steps) for (const value of cosines) expect(value).toBeGreaterThan(-1e-3);
    for (const { before, stepped } of kept) expect(stepped).toEqual(before);
    for (const { before, stepped } of broken) expect(stepped).not.toEqual(before);
    expect(Math.min(kept.length - 50, broken.length)).toBeGreaterThan(20);
    expect(grams).toBe(broken.length); // GGᵀ only where it is needed
    expect(vectors).toBe(1 + TASKS - 1); // g and one for each past task, in the whole run
  });

  it.each([0, 0.3, 2])(
    "adds max(margin, −g·g₁ / (g₁·g₁ + ridge)) of a single past task's gradient (margin %d)",
    (margin) => {
      const batches = lesson(60)
        .examples.slice(0, 120)
        .map((example) => [example]);
      const { steps } = watched({ margin, ridge: 0.05 }, batches, rings(8));
      const broken = steps.filter(({ products: [product] }) => product < 0);
      expect(broken.length).toBeGreaterThan(10);
      for (const { before, stepped, products, G } of broken) {
        const norm = G[0].reduce((sum, value) => sum + value * value, 0);
        const v = Math.max(margin, -products[0] / (norm + 0.05));
        stepped.forEach((value, i) => expect(value).toBeCloseTo(before[i] + v * G[0][i], 5));
      }
    },
  );

  it("takes as past every other task in the memory, whole and in order, also where a task comes back or batches mix", () => {
    const { examples } = lesson(20);
    const of = (task: number, from: number, to: number) => examples.slice(20 * task + from, 20 * task + to);
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
    const { examples } = lesson(20);
    const network = make();
    const memory = toyBuffer({ capacity: 2 }, { random: random(1) });
    const asked: number[] = [];
    const gradient: Network["gradient"] = (batch, into) => {
      asked.push(batch.length);
      return network.gradient(batch, into);
    };
    const learner = gem({ alpha: 0.01 }, { network: { ...network, gradient }, buffer: memory });
    learner.observe(examples.slice(0, 2));
    learner.observe(examples.slice(20, 21)); // drives out one of the two
    expect(asked).toEqual([2, 1, 1]);
    expect(memory.all()).toEqual([examples[1], examples[20]]);
  });

  it("reports a singular GGᵀ, which a ridge mends: two past tasks with the same memory", () => {
    const { examples } = lesson(50);
    const twins = examples.slice(0, 8).flatMap((example) => [example, { ...example, task: 1 }]);
    const others = examples.slice(100, 150);
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
    const { examples } = lesson(1);
    const unlabelled = { x: examples[0].x, y: examples[0].y };
    const learner = gem({ alpha: 0.1 }, { network: make(), buffer: toyBuffer({}, { random: random(1) }) });
    expect(() => learner.observe([unlabelled])).toThrow(/GEM needs examples with task labels; choose/);
  });
});
