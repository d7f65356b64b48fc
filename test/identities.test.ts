import { reservoir } from "@everlearn/buffer-reservoir";
import type { Buffer, Example, Learner, Network, Term } from "@everlearn/contracts";
import { glyphs } from "@everlearn/dataset-glyphs";
import { er } from "@everlearn/learner-er";
import { erWithTasks } from "@everlearn/learner-er-with-tasks";
import { mer } from "@everlearn/learner-mer";
import { merCurrentExampleRate } from "@everlearn/learner-mer-current-example-rate";
import { merOneBigBatch } from "@everlearn/learner-mer-one-big-batch";
import { online } from "@everlearn/learner-online";
import { reptile } from "@everlearn/learner-reptile";
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

/** One term of one step. */
interface Step {
  readonly term: Term;
  readonly rate: number;
}

/** What a learner does on the real network: each example's steps. */
function lesson(
  create: (network: Network) => Learner,
  shown: readonly (readonly Example[])[] = examples.map((example) => [example]),
): { network: Network; steps: Step[][] } {
  const network = make();
  let taken: Step[] = [];
  const { descend } = network;
  network.descend = (batch, rate, options) => {
    taken.push(...batch.map((term) => ({ term, rate })));
    return descend(batch, rate, options);
  };
  const learner = create(network);
  const steps = shown.map((batch) => {
    taken = [];
    learner.observe(batch);
    return taken;
  });
  return { network, steps };
}

/** A learner that is to take the same elements in the same order: it is shown one of each batch and draws the others. */
function fed(
  create: (given: { network: Network; buffer: Buffer }) => Learner,
  batches: readonly Step[][],
  shown: "first" | "last",
): Network {
  let draws: Example[] = [];
  const buffer: Buffer = { ...memory(), add() {}, sample: () => draws };
  const network = make();
  const learner = create({ network, buffer });
  for (const batch of batches) {
    draws = batch.map(({ term }) => term as Example);
    const [current] = draws.splice(shown === "first" ? 0 : -1, 1);
    learner.observe([current]);
  }
  return network;
}

/** A network whose interpolation does nothing at 1, where it gives θ but for rounding. */
function unrounded(network: Network): Network {
  const { theta } = network;
  const lerp = theta.lerp.bind(theta);
  theta.lerp = (from, t) => {
    if (t !== 1) lerp(from, t);
  };
  theta.lerpBoth = (v, t) => {
    theta.lerp(v, t);
    v.set(theta);
  };
  return network;
}

const number = new Map<unknown, number>(examples.map((example, i) => [example, i]));
/** Which examples were taken for each one of the stream, whatever their order. */
const elements = (steps: readonly Step[][]) =>
  steps.map((batch) => batch.map(({ term }) => number.get(term) ?? -1).toSorted((a, b) => a - b));

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
    one.theta.lerp = () => {}; // what they do at 1 but for rounding, as the next test says
    one.theta.lerpBoth = (within) => within.set(one.theta);
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

const [alpha, gamma, k] = [0.1, 0.3, 5];
const oneBigBatch = (network: Network) => merOneBigBatch({ alpha, gamma, k }, { network, buffer: memory() });
const currentExampleRate = (s: number) => (network: Network) =>
  merCurrentExampleRate({ alpha, gamma, k, s }, { network, buffer: memory(), random: random(1, "learner") });

describe("MER's Algorithm 1 with s = 1, β = b and γ = 1", () => {
  const algorithm1 = { alpha, beta: gamma, gamma: 1, s: 1 };

  it("is Algorithm 6 with γ = b, bit for bit, where k = 1", () => {
    const one = lesson((network) => mer({ ...algorithm1, k: 1 }, { network: unrounded(network), buffer: memory() }));
    const six = lesson((network) => merOneBigBatch({ alpha, gamma, k: 1 }, { network, buffer: memory() }));
    expect(distance(six.network, make())).toBeGreaterThan(0.05);
    expect(distance(one.network, six.network)).toBe(0);
  });

  it("takes the examples that Algorithm 6 takes, in another order", () => {
    const one = lesson((network) => mer({ ...algorithm1, k }, { network, buffer: memory() }));
    const six = lesson(oneBigBatch);
    expect(elements(one.steps)).toEqual(elements(six.steps));
    one.steps.forEach((batch, i) => expect(batch[0].term).toBe(examples[i]));
    six.steps.forEach((batch, i) => expect(batch[batch.length - 1].term).toBe(examples[i]));
    expect(distance(one.network, six.network)).toBeGreaterThan(0.001);
  });

  it("is Algorithm 6 with γ = b, bit for bit, in Algorithm 6's order", () => {
    const six = lesson(oneBigBatch);
    const one = fed(
      (given) => mer({ ...algorithm1, k }, { ...given, network: unrounded(given.network) }),
      six.steps,
      "first",
    );
    expect(distance(one, six.network)).toBe(0);
    const rounded = fed((given) => mer({ ...algorithm1, k }, given), six.steps, "first");
    expect(distance(rounded, six.network)).toBeLessThan(1e-5);
  });
});

describe("MER's Algorithm 7", () => {
  it("takes the examples that Algorithm 6 takes where s = 1, and is it, bit for bit, in the same order", () => {
    const [six, seven] = [lesson(oneBigBatch), lesson(currentExampleRate(1))];
    expect(elements(seven.steps)).toEqual(elements(six.steps));
    expect(distance(seven.network, six.network)).toBeGreaterThan(0.001);
    const ordered = fed((given) => merOneBigBatch({ alpha, gamma, k }, given), seven.steps, "last");
    expect(distance(ordered, seven.network)).toBe(0);
  });

  it("is online learning with rate sαγ where k = 1, as Algorithm 6 is with rate αγ", () => {
    for (const s of [1, 3]) {
      const buffer = memory();
      const given = { buffer, random: random(1, "learner") };
      const seven = lesson((network) => merCurrentExampleRate({ alpha, gamma, k: 1, s }, { network, ...given }));
      const plain = lesson((network) => online({ alpha: s * alpha * gamma }, { network }));
      expect(distance(seven.network, plain.network)).toBeLessThan(1e-5);
    }
    const six = lesson((network) => merOneBigBatch({ alpha, gamma, k: 1 }, { network, buffer: memory() }));
    const plain = lesson((network) => online({ alpha: alpha * gamma }, { network }));
    expect(distance(six.network, plain.network)).toBeLessThan(1e-6);
  });
});

describe.each([
  ["1", (network: Network) => mer({ alpha, beta: gamma, s: 1, k }, { network, buffer: memory() })],
  ["1 without draws", (network: Network) => mer({ alpha, beta: gamma, s: 3, k: 1 }, { network, buffer: memory() })],
  ["1 across batches", (network: Network) => mer({ alpha, gamma, s: 2, k }, { network, buffer: memory() })],
  ["6", oneBigBatch],
  ["7 with s = 1", currentExampleRate(1)],
  ["7", currentExampleRate(3)],
] as const)("MER's Algorithm %s", (_, create) => {
  it("is not experience replay: no single step on the same examples does what it does", () => {
    const { network, steps } = lesson(create);
    const [replay, same] = [
      lesson((network) => er({ alpha: alpha * gamma, k }, { network, buffer: memory() })),
      make(),
    ];
    expect(distance(network, replay.network)).toBeGreaterThan(0.05);
    // What is left of it where all its gradients are taken at the θ from which it starts.
    for (const batch of steps)
      same.descend(
        batch.map(({ term, rate }) => ({ ...term, weight: rate / alpha })),
        alpha * gamma * batch.length,
      );
    expect(distance(network, same)).toBeGreaterThan(0.01);
  });
});

describe.each([
  { k: 1, capacity: 40 },
  { k: 11, capacity: 40 },
  { k: 4, capacity: 3 },
])("with a reservoir (k $k, capacity $capacity)", ({ k, capacity }) => {
  const expected = examples.reduce((sum, _, n) => sum + 1 + Math.min(k - 1, n, capacity), 0);
  const seven = (variant: "paper" | "released") => (network: Network) =>
    merCurrentExampleRate(
      { alpha: 0.01, gamma, k, s: 5, variant },
      { network, buffer: memory(capacity), random: random(1, "learner") },
    );

  it.each([
    ["6", (network: Network) => merOneBigBatch({ alpha: 0.01, gamma, k }, { network, buffer: memory(capacity) }), 0],
    ["7", seven("paper"), 0],
    ["7 as released", seven("released"), 1],
  ] as const)("MER's Algorithm %s takes Σ(1 + min(k−1, n, capacity)) steps", (_, create, omitted) => {
    expect(lesson(create).steps.flat().length).toBe(expected - omitted);
  });
});

describe("experience replay with tasks", () => {
  const replay = (network: Network) => er({ alpha, k }, { network, buffer: memory() });
  const withTasks = (network: Network) => erWithTasks({ alpha, k }, { network, buffer: memory() });
  const labelled = (task: (i: number) => number) => examples.map((example, i) => [{ ...example, task: task(i) }]);

  it("is experience replay, bit for bit, where there is one task", () => {
    const plain = lesson(replay);
    expect(
      distance(
        lesson(
          withTasks,
          labelled(() => 0),
        ).network,
        plain.network,
      ),
    ).toBe(0);
    expect(
      distance(
        lesson(
          withTasks,
          labelled(() => 7),
        ).network,
        plain.network,
      ),
    ).toBe(0);
    expect(
      distance(
        lesson(
          withTasks,
          labelled((i) => i % 3),
        ).network,
        plain.network,
      ),
    ).toBeGreaterThan(0.05);
  });

  it("is experience replay with rate 2α, bit for bit, where two tasks have a half of the batch each", () => {
    const pairs = labelled((i) => i % 2).map((batch, i, all) => [...batch, ...all[(i + 1) % all.length]]);
    const tasks = lesson((network) => erWithTasks({ alpha, k: 1 }, { network, buffer: memory() }), pairs);
    const plain = lesson((network) => er({ alpha: 2 * alpha, k: 1 }, { network, buffer: memory() }), pairs);
    expect(distance(tasks.network, plain.network)).toBe(0);
  });
});

describe("Reptile", () => {
  it("is online learning where γ = 1, bit for bit without that rounding", () => {
    const plain = lesson((network) => online({ alpha }, { network }));
    expect(distance(plain.network, make())).toBeGreaterThan(0.1);
    for (const s of [1, 7, 400]) {
      const exact = lesson((network) => reptile({ alpha, gamma: 1, s }, { network: unrounded(network) }));
      expect(distance(exact.network, plain.network)).toBe(0);
      const rounded = lesson((network) => reptile({ alpha, gamma: 1, s }, { network }));
      expect(distance(rounded.network, plain.network)).toBeLessThan(1e-5);
    }
  });

  it("is online learning with rate αγ where s = 1, and not where s = 2", () => {
    const plain = lesson((network) => online({ alpha: alpha * gamma }, { network }));
    const [one, two] = [1, 2].map((s) => lesson((network) => reptile({ alpha, gamma, s }, { network })));
    expect(distance(one.network, plain.network)).toBeLessThan(1e-6);
    expect(distance(two.network, plain.network)).toBeGreaterThan(0.01);
  });

  it("is Algorithm 6, bit for bit, where s = k and it is shown the draws and the example one by one", () => {
    const six = lesson(oneBigBatch);
    const full = six.steps.slice(k - 1); // from there on all batches have k examples
    const network = fed((given) => merOneBigBatch({ alpha, gamma, k }, given), full, "last");
    const meta = lesson(
      (network) => reptile({ alpha, gamma, s: k }, { network }),
      full.flat().map(({ term }) => [term as Example]),
    );
    expect(distance(meta.network, network)).toBe(0);
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
