import { checkLearner, toyBuffer } from "@everlearn/conformance";
import type { Example } from "@everlearn/contracts";
import plugin, { erAce } from "@everlearn/learner-er-ace";
import { mlp } from "@everlearn/network-mlp";
import { batches, denseNetwork, distance, lesson, plus, range, thetaOf } from "@everlearn/oracle";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";

const { examples } = lesson();
const memory = () => toyBuffer({ capacity: 30 }, { random: random(3) });
const make = (outputs = 4) => mlp({ hidden: [10] }, { inputs: 16, outputs, random: random(2) });

describe("learner-er-ace", () => {
  it("conforms to the learner contract", async () => {
    await checkLearner(plugin, { options: { alpha: 0.3, replay: 10 } });
  });

  it.each([
    { taskLabels: "never", sizes: [8] },
    { taskLabels: "never", sizes: [3, 2] },
    { taskLabels: "always", sizes: [4, 7] },
  ] as const)("steps on the sum of both means (task labels $taskLabels, batches of $sizes)", (given) => {
    const { taskLabels, sizes } = given;
    const { examples: shown, outputs } = lesson({ taskLabels });
    const network = make(outputs);
    const { gradient } = denseNetwork(16, 10, outputs);
    let theta = thetaOf(network);
    const learner = erAce({ alpha: 0.2, replay: 6 }, { network, buffer: memory() });
    const mirror = memory();
    let narrowed = 0;
    for (const batch of batches(shown, ...sizes)) {
      learner.observe(batch);
      const outputsOf = ({ outputs: own = range(outputs) }: Example) =>
        own.filter((o) => batch.some(({ y }) => y === o));
      if (outputsOf(batch[0]).length < 4) narrowed++;
      const draws = mirror.sample(6);
      const narrow = batch.map((example) => ({ ...example, outputs: outputsOf(example) }));
      const fresh = gradient(theta, narrow);
      theta = plus(theta, draws.length > 0 ? plus(fresh, gradient(theta, draws)) : fresh, -0.2);
      for (const example of batch) mirror.add(example);
    }
    expect(distance(network.theta.toArray(), theta)).toBeLessThan(1e-5);
    expect(narrowed).toBeGreaterThan(2);
  });

  it("learns from the draws alone where the batch is of one class", () => {
    const [first, second] = batches(examples, 8);
    const one = first.filter(({ y }) => y === first[0].y);
    const [network, buffer] = [make(), memory()];
    const learner = erAce({ alpha: 0.5, replay: 4 }, { network, buffer });
    const before = network.theta.toArray();
    learner.observe(one);
    expect(network.theta.toArray()).toEqual(before);
    expect(buffer.all()).toEqual(one);

    const mirror = memory();
    for (const example of one) mirror.add(example);
    learner.observe([second[0]]);
    const theta = Float64Array.from(before);
    const g = denseNetwork(16, 10, 4).gradient(theta, mirror.sample(4));
    expect(distance(network.theta.toArray(), plus(theta, g, -0.5))).toBeLessThan(1e-6);
    expect(Math.hypot(...g)).toBeGreaterThan(0.1);
  });

  it("leaves the last layer of classes that are not in the batch as it is, where nothing is replayed", () => {
    const batch = examples.slice(0, 40).filter(({ y }) => y === 0 || y === 2);
    const network = make();
    const before = network.theta.toArray();
    erAce({ alpha: 0.5, replay: 4 }, { network, buffer: memory() }).observe(batch);
    const after = network.theta.toArray();
    const [start, width] = [17 * 10, 4]; // the output layer's weights [10][4] and biases, as one more row
    const moved = range(4).map((o) =>
      range(11)
        .map((i) => start + i * width + o)
        .some((at) => after[at] !== before[at]),
    );
    expect(moved).toEqual([true, false, true, false]);
  });

  it("refuses more draws than the buffer can hold", () => {
    const given = { network: make(), buffer: memory() };
    expect(() => erAce({ alpha: 0.1, replay: 30 }, given)).not.toThrow();
    expect(() => erAce({ alpha: 0.1, replay: 31 }, given)).toThrow(/replay = 31 .* at most 30; use replay ≤ 30/);
  });
});
