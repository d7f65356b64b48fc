import { reservoir } from "@everlearn/buffer-reservoir";
import type { Example, Network } from "@everlearn/contracts";
import { glyphs } from "@everlearn/dataset-glyphs";
import { er } from "@everlearn/learner-er";
import { mer } from "@everlearn/learner-mer";
import { online } from "@everlearn/learner-online";
import { mlp } from "@everlearn/network-mlp";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";

const { train, test } = glyphs({ train: 400, test: 300 });
const examples: Example[] = Array.from({ length: train.length }, (_, i) => ({ x: train.input(i), y: train.label(i) }));
const queries = Array.from({ length: test.length }, (_, i) => ({ x: test.input(i) }));

const given = { inputs: 784, outputs: 10 };
const make = (hidden = [30, 20]): Network => mlp({ hidden }, { ...given, random: random(1, "network") });
const memory = (capacity = 40) => reservoir({ capacity }, { random: random(1, "buffer") });
const distance = (a: Network, b: Network): number => {
  const [first, second] = [a.theta.toArray(), b.theta.toArray()];
  return Math.max(...first.map((value, i) => Math.abs(value - second[i])));
};

describe("MER on the real network", () => {
  it("is online learning with rate αβγ where s = 1 and k = 1", () => {
    const [one, other] = [make(), make()];
    const meta = mer({ alpha: 0.1, beta: 0.5, gamma: 0.3, s: 1, k: 1 }, { network: one, buffer: memory() });
    const plain = online({ alpha: 0.1 * 0.5 * 0.3 }, { network: other });
    for (const example of examples) {
      meta.observe([example]);
      plain.observe([example]);
    }
    expect(distance(other, make())).toBeGreaterThan(0.05); // both have learned
    expect(distance(one, other)).toBeLessThan(1e-6);
  });

  it("is one SGD step after another, bit for bit, where β = γ = 1 and W + 1·(θ − W) is not rounded", () => {
    const [one, other] = [make(), make()];
    one.theta.lerp = () => {}; // what it does at 1 but for rounding, as the next test says
    const learner = mer({ alpha: 0.03, beta: 1, gamma: 1, s: 3, k: 5 }, { network: one, buffer: memory() });
    const mirror = memory();
    for (const example of examples) {
      learner.observe([example]);
      for (let i = 0; i < 3; i++) for (const drawn of [example, ...mirror.sample(4)]) other.descend([drawn], 0.03);
      mirror.add(example);
    }
    expect(distance(one, other)).toBe(0);
  });

  it("is a unit in the last place at most from θ after an interpolation with β = 1", () => {
    const network = make();
    const before = network.vector();
    before.set(network.theta);
    for (const example of examples) network.descend([example], 0.1);
    const [from, to] = [before.toArray(), network.theta.toArray()];
    network.theta.lerp(before, 1);
    const found = network.theta.toArray();
    const errors = found.map(
      (value, i) => Math.abs(value - to[i]) / Math.max(Math.abs(from[i]), Math.abs(to[i]), 1e-9),
    );
    expect(Math.max(...errors)).toBeLessThanOrEqual(2 ** -23);
  });

  it("is not experience replay, neither with rate αβγ nor with a step as long as its batch", () => {
    const networks = [make(), make(), make()];
    const [alpha, beta, k] = [0.1, 0.3, 5];
    const learners = [
      mer({ alpha, beta, s: 1, k }, { network: networks[0], buffer: memory() }),
      er({ alpha: alpha * beta, k }, { network: networks[1], buffer: memory() }),
      er({ alpha: alpha * beta * k, k }, { network: networks[2], buffer: memory() }),
    ];
    for (const learner of learners) for (const example of examples) learner.observe([example]);
    expect(distance(networks[0], networks[1])).toBeGreaterThan(0.1);
    expect(distance(networks[0], networks[2])).toBeGreaterThan(0.01);
  });

  it.each([
    { s: 1, k: 1, capacity: 40 },
    { s: 2, k: 11, capacity: 40 },
    { s: 5, k: 4, capacity: 3 },
  ])("takes s·Σ(1 + min(k−1, n, capacity)) steps with a reservoir (s $s, k $k, capacity $capacity)", (setting) => {
    const { s, k, capacity } = setting;
    const network = make([8]);
    let steps = 0;
    const descend: Network["descend"] = (batch, ...rest) => {
      steps += batch.length;
      return network.descend(batch, ...rest);
    };
    const buffer = memory(capacity);
    const learner = mer({ alpha: 0.01, s, k }, { network: { ...network, descend }, buffer });
    for (const example of examples) learner.observe([example]);
    expect(steps).toBe(examples.reduce((sum, _, n) => sum + s * (1 + Math.min(k - 1, n, capacity)), 0));
    expect(buffer.size).toBe(capacity);
  });
});

describe("a trained network", () => {
  it("answers the same in batches of 1, 7 and 256, in any order", () => {
    const network = make();
    const learner = mer({ alpha: 0.05, beta: 0.3, s: 2, k: 6 }, { network, buffer: memory() });
    for (const example of examples) learner.observe([example]);
    const asked = (size: number, order: readonly (typeof queries)[number][] = queries): number[] =>
      Array.from({ length: Math.ceil(order.length / size) }, (_, i) => [
        ...learner.predict(order.slice(i * size, (i + 1) * size)),
      ]).flat();
    const answers = asked(256);
    const right = answers.filter((answer, i) => answer === test.label(i)).length;
    expect(right / test.length).toBeGreaterThan(0.5); // it was trained, chance is 0.1
    for (const size of [1, 7, 300]) expect(asked(size)).toEqual(answers);
    expect(asked(7, queries.toReversed())).toEqual(answers.toReversed());
  });
});
