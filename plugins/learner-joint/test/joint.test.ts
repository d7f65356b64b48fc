import { checkLearner, toyDataset, toyScenario, toyStream } from "@everlearn/conformance";
import type { Example, Network, Scenario } from "@everlearn/contracts";
import plugin, { joint } from "@everlearn/learner-joint";
import { mlp } from "@everlearn/network-mlp";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import { oracle } from "./oracle.js";

const stream = toyStream({ tasks: 3 }, { dataset: toyDataset(), random: random(1) });

/** Three tasks of 70 examples. */
function lesson(taskLabels: Scenario["taskLabels"]): { tasks: Example[][]; outputs: number } {
  const scenario = toyScenario({ taskLabels }, { stream });
  const tasks = [0, 1, 2].map((task) => {
    const train = stream.train(task);
    return Array.from({ length: 70 }, (_, i) => scenario.example(task, train.input(i), train.label(i)));
  });
  return { tasks, outputs: scenario.outputs };
}

const { tasks } = lesson("training");
const make = (outputs = 4) => mlp({ hidden: [10] }, { inputs: 16, outputs, random: random(2) });
const distance = (a: Float32Array, b: ArrayLike<number>) => Math.max(...a.map((value, i) => Math.abs(value - b[i])));

/** The batches on which joint training descends, after each of some tasks. */
function batches(shown: readonly (readonly Example[])[], k: number, steps: number): Example[][] {
  const seen: Example[][] = [];
  const network = make();
  const descend: Network["descend"] = (batch) => {
    seen.push([...(batch as readonly Example[])]);
    return 0;
  };
  const learner = joint({ alpha: 0.1, k, steps }, { network: { ...network, descend }, random: random(4) });
  for (const examples of shown) {
    for (const example of examples) learner.observe([example]);
    learner.endTask?.();
  }
  return seen;
}

describe("learner-joint", () => {
  it("does what a learner must do", async () => {
    await checkLearner(plugin, { options: { alpha: 0.1, k: 8, steps: 50 } });
    await checkLearner(plugin, { options: { alpha: 0.5, k: 3, steps: 100, clip: 1 }, examples: 60 });
  });

  it.each([
    { labels: "training", clip: 0 },
    { labels: "always", clip: 0 },
    { labels: "always", clip: 0.3 },
  ] as const)("descends on reshuffled passes over all examples so far (task labels $labels, clip $clip)", (given) => {
    const { labels, clip } = given;
    const { tasks: shown, outputs } = lesson(labels);
    const network = make(outputs);
    const theta = Float64Array.from(network.theta.toArray());
    const gradient = oracle(16, 10, outputs);
    const learner = joint({ alpha: 0.1, k: 6, steps: 40, clip }, { network, random: random(4) });
    const draws = random(4);
    const all: Example[] = [];
    for (const examples of shown) {
      learner.observe(examples);
      learner.endTask?.();
      all.push(...examples);
      const order: number[] = [];
      while (order.length < 240) order.push(...draws.permutation(all.length));
      for (let i = 0; i < 240; i += 6) {
        const g = gradient(
          theta,
          order.slice(i, i + 6).map((at) => all[at]),
        );
        const norm = Math.hypot(...g);
        const scale = clip > 0 && norm > clip ? clip / norm : 1;
        for (let j = 0; j < theta.length; j++) theta[j] -= 0.1 * scale * g[j];
      }
    }
    expect(distance(network.theta.toArray(), theta)).toBeLessThan(1e-5);
  });

  it("draws without replacement within a pass, in another order in each", () => {
    const [first, second] = [tasks[0], [...tasks[0], ...tasks[1]]];
    const drawn = batches(tasks.slice(0, 2), 7, 20);
    expect(drawn.map((batch) => batch.length)).toEqual(new Array(40).fill(7));
    const passes = [drawn.slice(0, 10).flat(), drawn.slice(10, 20).flat(), drawn.slice(20).flat()];
    const place = (example: Example) => second.indexOf(example);
    const sorted = (examples: Example[]) => examples.map(place).sort((a, b) => a - b);
    expect(sorted(passes[0])).toEqual(sorted(first));
    expect(sorted(passes[1])).toEqual(sorted(first));
    expect(passes[0]).not.toEqual(passes[1]);
    expect(sorted(passes[2])).toEqual(sorted(second));
  });

  it("fills a batch across the end of a pass", () => {
    const drawn = batches([tasks[0].slice(0, 3)], 5, 3).flat();
    expect(drawn.length).toBe(15);
    for (let i = 0; i < 15; i += 3) expect(new Set(drawn.slice(i, i + 3)).size).toBe(3);
  });

  it("learns nothing before a task ends, nor where there was nothing", () => {
    const network = make();
    const learner = joint({ alpha: 0.1, k: 5, steps: 10 }, { network, random: random(4) });
    learner.endTask?.();
    learner.observe(tasks[0]);
    expect(network.theta.toArray()).toEqual(make().theta.toArray());
  });

  it("reaches on every class what training on all of them in random order reaches, as online training does not", () => {
    const { train, test } = toyDataset();
    const all = Array.from({ length: train.length }, (_, i) => ({ x: train.input(i).slice(), y: train.label(i) }));
    const least = (network: Network) => {
      const queries = Array.from({ length: test.length }, (_, i) => ({ x: test.input(i).slice() }));
      const answers = network.predict(queries);
      const right = [0, 0, 0, 0];
      answers.forEach((answer, i) => (right[answer] += answer === test.label(i) ? 4 / test.length : 0));
      return Math.min(...right);
    };
    const [own, iid, online] = [make(), make(), make()];
    const learner = joint({ alpha: 0.1, k: 10, steps: 300 }, { network: own, random: random(4) });
    for (const examples of [all.filter(({ y }) => y < 2), all.filter(({ y }) => y >= 2)]) {
      learner.observe(examples);
      learner.endTask?.();
      for (let i = 0; i < 300; i++) online.descend(examples.slice((i * 10) % 160, ((i * 10) % 160) + 10), 0.1);
    }
    const draw = random(5);
    for (let i = 0; i < 600; i++)
      iid.descend(
        Array.from({ length: 10 }, () => all[draw.integer(all.length)]),
        0.1,
      );
    expect(least(iid)).toBeGreaterThan(0.9);
    expect(least(own)).toBeGreaterThan(least(iid) - 0.05);
    expect(least(online)).toBeLessThan(0.1);
  });
});
