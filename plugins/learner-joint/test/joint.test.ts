import { checkLearner } from "@everlearn/conformance";
import type { Example, Network } from "@everlearn/contracts";
import plugin, { joint } from "@everlearn/learner-joint";
import { mlp } from "@everlearn/network-mlp";
import { batches, clipped, denseNetwork, distance, lesson, plus, range, recordSteps, thetaOf } from "@everlearn/oracle";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";

const { tasks } = lesson({ tasks: 3, examples: 70, taskLabels: "training" });
const make = (outputs = 4) => mlp({ hidden: [10] }, { inputs: 16, outputs, random: random(2) });

/** The batches on which joint training descends after each of some tasks. */
function descents(shown: readonly (readonly Example[])[], k: number, steps: number): Example[][] {
  const network = make();
  const made = recordSteps(network);
  const learner = joint({ alpha: 0.1, k, steps }, { network, random: random(4) });
  for (const examples of shown) {
    for (const example of examples) learner.observe([example]);
    learner.endTask?.();
  }
  return made.map(({ batch }) => [...(batch as readonly Example[])]);
}

describe("learner-joint", () => {
  it("conforms to the learner contract", async () => {
    await checkLearner(plugin, { options: { alpha: 0.1, k: 8, steps: 50 } });
    await checkLearner(plugin, { options: { alpha: 0.5, k: 3, steps: 100, clip: 1 }, examples: 60 });
  });

  it.each([
    { taskLabels: "training", clip: 0 },
    { taskLabels: "always", clip: 0 },
    { taskLabels: "always", clip: 0.3 },
  ] as const)(
    "descends on reshuffled passes over all examples so far (task labels $taskLabels, clip $clip)",
    (given) => {
      const { taskLabels, clip } = given;
      const { tasks: shown, outputs } = lesson({ tasks: 3, examples: 70, taskLabels });
      const network = make(outputs);
      const { gradient } = denseNetwork(16, 10, outputs);
      let theta = thetaOf(network);
      const learner = joint({ alpha: 0.1, k: 6, steps: 40, clip }, { network, random: random(4) });
      const draws = random(4);
      const all: Example[] = [];
      for (const examples of shown) {
        learner.observe(examples);
        learner.endTask?.();
        all.push(...examples);
        const order: Example[] = [];
        while (order.length < 240) for (const i of draws.permutation(all.length)) order.push(all[i]);
        for (const batch of batches(order.slice(0, 240), 6))
          theta = plus(theta, clipped(gradient(theta, batch), clip), -0.1);
      }
      expect(distance(network.theta.toArray(), theta)).toBeLessThan(1e-5);
    },
  );

  it("draws without replacement within a pass, in another order in each", () => {
    const [first, second] = [tasks[0], [...tasks[0], ...tasks[1]]];
    const drawn = descents(tasks.slice(0, 2), 7, 20);
    expect(drawn.map((batch) => batch.length)).toEqual(new Array(40).fill(7));
    const passes = [drawn.slice(0, 10).flat(), drawn.slice(10, 20).flat(), drawn.slice(20).flat()];
    const sorted = (examples: Example[]) => examples.map((one) => second.indexOf(one)).toSorted((a, b) => a - b);
    expect(sorted(passes[0])).toEqual(range(first.length));
    expect(sorted(passes[1])).toEqual(range(first.length));
    expect(passes[0]).not.toEqual(passes[1]);
    expect(sorted(passes[2])).toEqual(range(second.length));
  });

  it("fills a batch across the end of a pass", () => {
    const drawn = descents([tasks[0].slice(0, 3)], 5, 3).flat();
    expect(drawn.length).toBe(15);
    for (const pass of batches(drawn, 3)) expect(new Set(pass).size).toBe(3);
  });

  it("learns nothing before a task ends, nor from a task without examples", () => {
    const network = make();
    const learner = joint({ alpha: 0.1, k: 5, steps: 10 }, { network, random: random(4) });
    learner.endTask?.();
    learner.observe(tasks[0]);
    expect(network.theta.toArray()).toEqual(make().theta.toArray());
  });

  it("reaches on every class what training in random order reaches, as online training does not", () => {
    const {
      tasks: shown,
      examples: all,
      queries,
      answers,
    } = lesson({
      classes: [
        [0, 1],
        [2, 3],
      ],
      examples: 160,
    });
    /** The accuracy on the class that is known worst. */
    const least = (network: Network) => {
      const chosen = network.predict(queries.flat());
      const right = answers.flat();
      const accuracies = range(4).map((c) => {
        const places = range(right.length).filter((i) => right[i] === c);
        return places.filter((i) => chosen[i] === c).length / places.length;
      });
      return Math.min(...accuracies);
    };
    const [own, iid, online] = [make(), make(), make()];
    const learner = joint({ alpha: 0.1, k: 10, steps: 300 }, { network: own, random: random(4) });
    for (const examples of shown) {
      learner.observe(examples);
      learner.endTask?.();
      for (const i of range(300)) online.descend(batches(examples, 10)[i % 16], 0.1);
    }
    const draw = random(5);
    for (const _ of range(600))
      iid.descend(
        range(10).map(() => all[draw.integer(all.length)]),
        0.1,
      );
    expect(least(iid)).toBeGreaterThan(0.9);
    expect(least(own)).toBeGreaterThan(least(iid) - 0.05);
    expect(least(online)).toBeLessThan(0.1);
  });
});
