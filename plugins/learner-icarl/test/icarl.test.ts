import { checkLearner, toyDataset, toyStream } from "@everlearn/conformance";
import type { Example, Network, Term } from "@everlearn/contracts";
import plugin, { icarl } from "@everlearn/learner-icarl";
import { mlp } from "@everlearn/network-mlp";
import { denseNetwork, distance, lesson, plus, range, recordSteps, sigmoid, thetaOf } from "@everlearn/oracle";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";

/** Two tasks with two classes of their own. */
const { tasks, queries: perTask } = lesson({
  classes: [
    [0, 1],
    [2, 3],
  ],
});
const queries = perTask.flat();
const make = () => mlp({ hidden: [10] }, { inputs: 16, outputs: 4, random: random(2) });
const exemplarsOf = (learner: ReturnType<typeof icarl>) =>
  (learner.save() as unknown as { exemplars: Example[][] }).exemplars;

const scaled = (v: readonly number[]) => v.map((value) => value / (Math.hypot(...v) || 1));
const average = (vectors: readonly (readonly number[])[]) =>
  vectors[0].map((_, j) => vectors.reduce((sum, vector) => sum + vector[j], 0) / vectors.length);
const apart = (a: readonly number[], b: readonly number[]) => Math.hypot(...a.map((value, j) => value - b[j]));

/** Which of some vectors of features are chosen, by Algorithm 4. */
function chosen(features: readonly (readonly number[])[], m: number): number[] {
  const goal = scaled(average(features));
  const places: number[] = [];
  while (places.length < Math.min(m, features.length)) {
    const distances = features.map((_, i) => {
      if (places.includes(i)) return Infinity;
      return apart(goal, scaled(average([...places, i].map((at) => features[at]))));
    });
    places.push(distances.indexOf(Math.min(...distances)));
  }
  return places;
}

/** A learner, and the steps that it makes. */
function watched(options: Parameters<typeof icarl>[0], network: Network = make()) {
  const steps = recordSteps(network);
  return { learner: icarl(options, { network, random: random(4) }), network, steps };
}

describe("learner-icarl", () => {
  it("conforms to the learner contract", async () => {
    await checkLearner(plugin, { options: { alpha: 0.2, replay: 2, exemplarsPerClass: 5 } });
  });

  it("does so in disjoint tasks with a budget", async () => {
    const dataset = toyDataset({ train: 400 });
    const stream = toyStream({ tasks: 2, split: true }, { dataset, random: random(1) });
    await checkLearner(plugin, { options: { alpha: 0.2, replay: 1, budget: 12 }, stream, examples: 60 });
  });

  it.each([{ exemplarsPerClass: 5 }, { budget: 12 }])("learns, chooses and answers as the paper does (%o)", (size) => {
    const network = make();
    const plain = denseNetwork(16, 10, 4);
    let theta = thetaOf(network);
    let old = theta;
    const learner = icarl({ alpha: 0.05, replay: 3, ...size }, { network, random: random(4) });
    const draw = random(4);
    const sets: Example[][] = range(4).map(() => []);
    const features = ({ x }: Pick<Example, "x">) => scaled(plain.features(theta, x));
    for (const [number, examples] of tasks.entries()) {
      const past = range(4).filter((c) => sets[c].length > 0);
      const seen = new Set(past);
      for (const current of examples) {
        seen.add(current.y);
        const pool = sets.flat();
        const draws = range(Math.min(3, pool.length)).map(() => pool[draw.integer(pool.length)]);
        const terms = [current, ...draws].map(({ x, y }): Term => {
          const before = plain.logits(old, x).map(sigmoid);
          const target = range(4).map((c) => (past.includes(c) ? before[c] : Number(c === y)));
          return { x, outputs: [...seen], sigmoids: Float32Array.from(target) };
        });
        theta = plus(theta, plain.gradient(theta, terms), -0.05);
        learner.observe([current]);
      }
      learner.endTask?.();
      expect(distance(network.theta.toArray(), theta)).toBeLessThan(1e-5);
      const m = "budget" in size ? 12 / (2 * number + 2) : 5;
      for (const c of range(4)) {
        const own = examples.filter(({ y }) => y === c);
        sets[c] = own.length === 0 ? sets[c].slice(0, m) : chosen(own.map(features), m).map((i) => own[i]);
      }
      expect(exemplarsOf(learner)).toEqual(sets);
      old = theta;
      const means = sets.map((own) => own.length > 0 && scaled(average(own.map(features))));
      const answers = queries.map((query) => {
        const distances = means.map((mean) => (mean ? apart(mean, features(query)) : Infinity));
        return distances.indexOf(Math.min(...distances));
      });
      expect([...learner.predict(queries)]).toEqual(answers);
      expect(new Set(answers).size).toBe(2 * number + 2);
    }
    expect(distance(theta, make().theta.toArray())).toBeGreaterThan(0.1);
  });

  it("chooses exemplars among the first candidates of each class", () => {
    const { learner } = watched({ alpha: 0.05, replay: 0, exemplarsPerClass: 3, candidates: 4 });
    for (const example of [...tasks[0], ...tasks[0]]) learner.observe([example]);
    learner.endTask?.();
    for (const [c, own] of exemplarsOf(learner).slice(0, 2).entries()) {
      expect(own).toHaveLength(3);
      const first = tasks[0].filter(({ y }) => y === c).slice(0, 4);
      for (const example of own) expect(first).toContain(example);
    }
  });

  it("holds old classes to what the network thought before the task, for new examples and exemplars alike", () => {
    const { learner, network, steps } = watched({ alpha: 0.1, replay: 2, exemplarsPerClass: 5 });
    for (const example of tasks[0]) learner.observe([example]);
    learner.endTask?.();
    const past = make();
    past.load(network.save());
    steps.length = 0;
    const kept = exemplarsOf(learner).flat();
    tasks[1].slice(0, 20).forEach((current, i) => {
      learner.observe([current]);
      const came = new Set(tasks[1].slice(0, i + 1).map(({ y }) => y));
      expect(steps[i].batch.length).toBe(3);
      steps[i].batch.forEach((term, place) => {
        if (place === 0) expect(term.x).toBe(current.x);
        else expect(kept.some(({ x }) => x === term.x)).toBe(true);
        expect(term.outputs).toEqual(range(4).filter((c) => c < 2 || came.has(c)));
        const thought = Array.from(past.logits([term]), sigmoid);
        const labels = [2, 3].map((c) => Number(place === 0 && c === current.y));
        const target = "sigmoids" in term ? [...term.sigmoids] : [];
        expect(distance(target, [...thought.slice(0, 2), ...labels])).toBeLessThan(1e-6);
      });
    });
  });

  it("teaches the label of a class that comes back, and chooses its exemplars anew among all", () => {
    const { learner, network, steps } = watched({ alpha: 0.1, replay: 0, exemplarsPerClass: 3 });
    const [first, later] = [tasks[0].slice(0, 50), tasks[0].slice(50)];
    for (const example of first) learner.observe([example]);
    learner.endTask?.();
    const earlier = exemplarsOf(learner);
    for (const example of later) learner.observe([example]);
    const targets = steps.map(({ batch: [term] }) => ("sigmoids" in term ? [...term.sigmoids] : []));
    expect(targets.every((target) => [0, 1].includes(Math.max(...target)))).toBe(true);
    expect(targets.at(-1)).toEqual(range(4).map((c) => Number(c === later.at(-1)?.y)));
    learner.endTask?.();
    const features = ({ x }: Example) => scaled(Array.from(network.features([{ x }])));
    const again = [0, 1].map((c) => {
      const candidates = [...earlier[c], ...later.filter(({ y }) => y === c)];
      return chosen(candidates.map(features), 3).map((i) => candidates[i]);
    });
    expect(exemplarsOf(learner)).toEqual([...again, [], []]);
    expect(again.flat().some((example) => first.includes(example))).toBe(true);
  });

  it("learns and answers among an example's own outputs", () => {
    const { learner, network, steps } = watched({ alpha: 0.1, replay: 3, exemplarsPerClass: 3 });
    const own = (y: number) => (y < 2 ? [0, 1] : [2, 3]);
    tasks.forEach((examples, number) => {
      for (const example of examples) learner.observe([{ ...example, outputs: own(example.y) }]);
      if (number === 0) {
        learner.endTask?.();
        // No class of the second task has exemplars yet.
        const asked = queries.map((query) => ({ ...query, outputs: [2, 3] }));
        expect(learner.predict(asked)).toEqual(network.predict(asked));
      }
    });
    for (const { batch } of steps)
      for (const { outputs = [] } of batch) expect([[0], [1], [2], [3], [0, 1], [2, 3]]).toContainEqual(outputs);
    learner.endTask?.();
    for (const outputs of [
      [0, 1],
      [2, 3],
      [1, 2],
    ])
      expect(learner.predict(queries.map((query) => ({ ...query, outputs }))).every((c) => outputs.includes(c))).toBe(
        true,
      );
  });

  it("answers as its network until a task has ended, and by the present features afterwards", () => {
    const { learner, network } = watched({ alpha: 0.1, replay: 2, exemplarsPerClass: 5 });
    for (const example of tasks[0]) learner.observe([example]);
    expect(learner.predict(queries)).toEqual(network.predict(queries));
    learner.endTask?.();
    learner.predict(queries);
    for (const example of tasks[1].slice(0, 50)) learner.observe([example]);
    const fresh = watched({ alpha: 0.1, replay: 2, exemplarsPerClass: 5 }, network).learner;
    fresh.load(learner.save());
    expect(learner.predict(queries)).toEqual(fresh.predict(queries));
    expect(new Set(learner.predict(queries))).toEqual(new Set([0, 1]));
  });

  it("takes a state back in the midst of another task", () => {
    const options = { alpha: 0.1, replay: 2, exemplarsPerClass: 5 };
    const [one, other] = [watched(options), watched(options)];
    for (const example of tasks[0].slice(0, 50)) one.learner.observe([example]);
    for (const example of tasks[1].slice(0, 50)) other.learner.observe([example]);
    other.learner.load(one.learner.save());
    other.network.load(one.network.save());
    for (const { learner } of [one, other]) for (const example of tasks[0].slice(50)) learner.observe([example]);
    expect(other.network.theta.toArray()).toEqual(one.network.theta.toArray());
  });

  it("needs one of its two sizes, and room for every class", () => {
    const given = { network: make(), random: random(0) };
    expect(() => icarl({ alpha: 0.1, replay: 1 }, given)).toThrow(/neither is given; set one of them above 0/);
    expect(() => icarl({ alpha: 0.1, replay: 1, budget: 9, exemplarsPerClass: 9 }, given)).toThrow(/both are given/);
    expect(() => icarl({ alpha: 0.1, replay: 1, budget: 3 }, given)).toThrow(/use a budget of at least 4/);
    expect(() => icarl({ alpha: 0.1, replay: 1, budget: 4 }, given)).not.toThrow();
  });
});
