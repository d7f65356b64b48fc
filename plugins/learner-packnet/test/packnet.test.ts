import { checkLearner } from "@everlearn/conformance";
import type { Example, OptionsFor } from "@everlearn/contracts";
import plugin, { packnet } from "@everlearn/learner-packnet";
import { completeNetwork } from "@everlearn/network";
import { convnet } from "@everlearn/network-convnet";
import { mlp } from "@everlearn/network-mlp";
import { adam } from "@everlearn/optimizer-adam";
import { batches, denseNetwork, distance, lesson, range, thetaOf } from "@everlearn/oracle";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";

type Options = OptionsFor<typeof plugin.options>;

const { tasks, queries, outputs } = lesson({ tasks: 3, examples: 70, taskLabels: "always" });
const make = () => mlp({ hidden: [10, 6] }, { inputs: 16, outputs, random: random(2) });
const given = () => ({ network: make(), random: random(4) });
/** The weights and biases of each layer, as places in θ. */
const layers = [
  { weights: range(160), biases: range(10).map((i) => 160 + i) },
  { weights: range(60).map((i) => 170 + i), biases: range(6).map((i) => 230 + i) },
];
const last = range(7 * outputs).map((i) => 236 + i);

function teach(learner: ReturnType<typeof packnet>, shown: readonly Example[][], size = 1): void {
  for (const examples of shown) {
    for (const batch of batches(examples, size)) learner.observe(batch);
    learner.endTask?.();
  }
}

/** θ of each task as the paper has it, from sets of places. */
function textbook({ alpha, prune = 0.5, passes = 1, k = 32, biases = "fixed" }: Options, size: number) {
  const { gradient } = denseNetwork(16, 10, 6, outputs);
  const draw = random(4);
  const start = thetaOf(make());
  const allBiases = layers.flatMap((layer) => layer.biases);
  const own = biases === "own" ? [...allBiases, ...last] : last;
  let theta = start;
  let free = layers.map(({ weights }) => weights);
  return tasks.map((examples, task) => {
    for (const place of own) theta = theta.with(place, start[place]);
    const step = (batch: readonly Example[], places: readonly number[]) => {
      const g = gradient(theta, batch);
      const moves = new Set(places);
      theta = theta.map((value, i) => (moves.has(i) ? value - alpha * g[i] : value));
    };
    const others = task === 0 ? [...own, ...allBiases] : own;
    for (const batch of batches(examples, size)) step(batch, [...free.flat(), ...others]);
    const sorted = free.map((places) => places.toSorted((a, b) => Math.abs(theta[a]) - Math.abs(theta[b])));
    const kept = sorted.map((places) => places.slice(Math.floor(prune * places.length)));
    free = sorted.map((places) => places.slice(0, Math.floor(prune * places.length)));
    for (const place of free.flat()) theta = theta.with(place, 0);
    for (let pass = 0; pass < passes; pass++) {
      const order = Array.from(draw.permutation(examples.length), (i) => examples[i]);
      const retrained = task === 0 ? [...own, ...kept.flat(), ...allBiases] : [...own, ...kept.flat()];
      for (const batch of batches(order, k)) step(batch, retrained);
    }
    return theta;
  });
}

describe("learner-packnet", () => {
  it("conforms to the learner contract", async () => {
    await checkLearner(plugin, { options: { alpha: 0.2, k: 8 } });
    await checkLearner(plugin, { options: { alpha: 0.2, prune: 0.3, passes: 0, biases: "own" } });
  });

  it.each([
    { options: { alpha: 0.1 }, size: 1 },
    { options: { alpha: 0.1, prune: 0.75, passes: 3, k: 10 }, size: 4 },
    { options: { alpha: 0.1, prune: 0.4, passes: 0 }, size: 1 },
    { options: { alpha: 0.2, passes: 2, k: 7, biases: "own" }, size: 3 },
  ] as const)("trains, prunes and retrains as the paper has it ($options, batches of $size)", ({ options, size }) => {
    const parts = given();
    const learner = packnet(options, parts);
    const expected = textbook(options, size);
    expected.forEach((theta, task) => {
      teach(learner, [tasks[task]], size);
      expect(distance(parts.network.theta.toArray(), theta)).toBeLessThan(2e-5);
    });
    expect(distance(expected[2], expected[0])).toBeGreaterThan(0.05);
    const { predict } = denseNetwork(16, 10, 6, outputs);
    expected.forEach((theta, task) => {
      expect([...learner.predict(queries[task])]).toEqual(queries[task].map((query) => predict(theta, query)));
    });
  });

  it("never forgets: what it answers for a task stays, bit for bit", () => {
    const learner = packnet({ alpha: 0.1 }, given());
    teach(learner, tasks.slice(0, 1));
    const before = learner.predict(queries[0]);
    teach(learner, tasks.slice(1));
    expect(learner.predict(queries[0])).toEqual(before);
  });

  it("moves nothing that is not free, whatever an optimizer remembers", () => {
    const network = make();
    const optimized = completeNetwork(network, adam({}, network));
    const learner = packnet({ alpha: 0.01 }, { network: optimized, random: random(4) });
    teach(learner, tasks.slice(0, 1));
    const before = thetaOf(network);
    teach(learner, tasks.slice(1, 2));
    const after = thetaOf(network);
    for (const { weights, biases } of layers) {
      const kept = [...weights, ...biases].filter((place) => before[place] !== 0);
      expect(kept.length).toBeGreaterThan(weights.length / 2 - 1);
      for (const place of kept) expect(after[place]).toBe(before[place]);
      expect(weights.some((place) => before[place] === 0 && after[place] !== 0)).toBe(true);
    }
  });

  it("learns a task once: when it comes back, its weights are others' too", () => {
    const parts = given();
    const learner = packnet({ alpha: 0.1 }, parts);
    teach(learner, tasks.slice(0, 2));
    const theta = parts.network.theta.toArray();
    const saved = learner.save();
    teach(learner, [tasks[0], tasks[1]]);
    expect(parts.network.theta.toArray()).toEqual(theta);
    expect(learner.save()).toEqual(saved);
  });

  it("answers a task that has not come with the weights that it would begin with", () => {
    const parts = given();
    const learner = packnet({ alpha: 0.1 }, parts);
    const initial = thetaOf(parts.network);
    teach(learner, tasks.slice(0, 2));
    const begun = thetaOf(parts.network).map((value, i) => (last.includes(i) ? initial[i] : value));
    const { predict } = denseNetwork(16, 10, 6, outputs);
    const expected = queries[2].map((query) => predict(begun, query));
    expect([...learner.predict(queries[2])]).toEqual(expected);
    for (const example of tasks[2]) learner.observe([example]);
    expect([...learner.predict(queries[2])]).not.toEqual(expected);
  });

  it.each(["fixed", "own"] as const)("prunes no normalisation and nothing frozen (biases $0)", (biases) => {
    const convolutions = [
      { layer: "conv", filters: 4, kernel: 2, frozen: true },
      { layer: "batch norm" },
      { layer: "relu" },
      { layer: "conv", filters: 5, kernel: 2 },
      { layer: "relu" },
    ];
    const network = convnet({ layers: convolutions }, { shape: [4, 4, 1], inputs: 16, outputs, random: random(1) });
    const learner = packnet({ alpha: 0.05, passes: 0, biases }, { network, random: random(4) });
    const initial = network.theta.toArray();
    teach(learner, tasks.slice(0, 1), 5);
    const theta = network.theta.toArray();
    expect(theta.subarray(0, 20)).toEqual(initial.subarray(0, 20));
    expect([...theta.subarray(20, 36)].filter((value) => value === 0)).toEqual([]); // slopes, shifts, means, variances
    expect([...theta.subarray(36, 36 + 80)].filter((value) => value === 0).length).toBe(40);
    const before = learner.predict(queries[0]);
    teach(learner, tasks.slice(1), 5);
    expect(network.theta.toArray().subarray(0, 20)).toEqual(initial.subarray(0, 20));
    expect(learner.predict(queries[0])).toEqual(before);
    const norm = (values: Float32Array) => [...values.subarray(20, 36)];
    if (biases === "fixed") expect(norm(network.theta.toArray())).toEqual(norm(theta));
    else expect(norm(network.theta.toArray())).not.toEqual(norm(theta));
  });

  it("refuses a network that does not say what its parameters are", () => {
    const { tensors: _, ...network } = make();
    expect(() => packnet({ alpha: 0.1 }, { network, random: random(4) })).toThrow(
      /^Learner packnet has to know which parameters are weights/,
    );
  });
});
