import { checkLearner } from "@everlearn/conformance";
import type { CreateNetwork, DifferentiableNetwork, OptionsFor, Random } from "@everlearn/contracts";
import plugin, { generativeReplay } from "@everlearn/learner-generative-replay";
import { convnet } from "@everlearn/network-convnet";
import { mlp } from "@everlearn/network-mlp";
import {
  batches,
  denseNetwork,
  distance,
  type Lesson,
  lesson,
  plus,
  range,
  recordSteps,
  sigmoid,
  softmax,
  thetaOf,
} from "@everlearn/oracle";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";

type Options = OptionsFor<typeof plugin.options>;

const size = 3; // of z
const options = { alpha: 0.1, rate: 0.2, latent: size };
const classIl = lesson({ classes: [[1, 3], [0], [2]], examples: 40 });

/** The learner and its three networks. */
async function start(given: Options, { outputs }: Pick<Lesson, "outputs">) {
  const hidden = { hidden: [10] };
  const network = mlp(hidden, { inputs: 16, outputs, random: random(2) });
  const further: Record<string, DifferentiableNetwork> = {};
  const createNetwork: CreateNetwork<DifferentiableNetwork> = async (name, { shape = [16], outputs: own = 0 } = {}) => {
    further[name] = mlp(hidden, { inputs: shape[0], outputs: own, random: random(5).fork(name) });
    return further[name];
  };
  const learner = await generativeReplay(given, { network, createNetwork, shape: [16], random: random(6) });
  const { encoder, decoder } = further;
  return { learner, network, encoder, decoder };
}

/** Marsaglia's polar method. */
function normal(draw: Random): number {
  for (;;) {
    const [u, v] = [2 * draw.uniform() - 1, 2 * draw.uniform() - 1];
    const s = u ** 2 + v ** 2;
    if (s > 0 && s < 1) return u * Math.sqrt((-2 * Math.log(s)) / s);
  }
}

const encoding = denseNetwork(16, 10, 2 * size);
const decoding = denseNetwork(size, 10, 16);

interface Shown {
  readonly x: Float64Array;
  readonly weight: number;
  /** The noise. */
  readonly epsilon: readonly number[];
}

/** The weighted sum of the inputs' losses by their definition, −log p(x|z) + KL(q(z|x) ‖ N(0, 1)), per value of an input. */
function loss(encoder: Float64Array, decoder: Float64Array, shown: readonly Shown[], likelihood: string): number {
  return shown.reduce((sum, { x, weight, epsilon }) => {
    const code = encoding.logits(encoder, Float32Array.from(x));
    const [mu, logVariance] = [code.slice(0, size), code.slice(size)];
    const z = Float32Array.from(mu, (m, j) => m + Math.exp(logVariance[j] / 2) * epsilon[j]);
    const errors = decoding.logits(decoder, z).map((logit, i) => {
      if (likelihood === "gaussian") return (x[i] - logit) ** 2 / 2;
      return -x[i] * Math.log(sigmoid(logit)) - (1 - x[i]) * Math.log(1 - sigmoid(logit));
    });
    const divergence = mu.map((m, j) => (m ** 2 + Math.exp(logVariance[j]) - 1 - logVariance[j]) / 2);
    return sum + (weight / 16) * [...errors, ...divergence].reduce((a, b) => a + b, 0);
  }, 0);
}

describe("learner-generative-replay", () => {
  it("conforms to the learner contract", async () => {
    await checkLearner(plugin, { options: { alpha: 0.1, rate: 0.05, latent: 4, likelihood: "gaussian" } });
    const steady = { alpha: 0.1, rate: 0.05, latent: 4, replay: 3, likelihood: "gaussian" } as const;
    await checkLearner(plugin, { options: steady, examples: 80 });
  });

  it.each([
    { name: "Class-IL", course: classIl, heads: [[[1, 3]], [[0, 1, 3]]], given: {}, size: 2 },
    { name: "Class-IL", course: classIl, heads: [[[1, 3]], [[0, 1, 3]]], given: { replay: 5 }, size: 1 },
    {
      name: "Task-IL",
      course: lesson({ tasks: 3, examples: 40, taskLabels: "always" }),
      heads: [[range(4)], [range(4), range(4).map((o) => 4 + o)]],
      given: { likelihood: "gaussian" },
      size: 3,
    },
  ] as const)("trains both networks on what is and on what was ($name, $given, batches of $size)", async (row) => {
    const { course, heads, given, size: batchSize } = row;
    const { replay = 0, likelihood = "bernoulli" } = given as Partial<Options>;
    const { learner, network, encoder, decoder } = await start({ ...options, ...given }, course);
    const steps = recordSteps(network);
    const draw = random(6);
    const plain = denseNetwork(16, 10, course.outputs);
    const classifier = thetaOf(network);
    let [old, oldDecoder] = [classifier, thetaOf(decoder)];
    for (const [task, examples] of course.tasks.entries()) {
      const all = batches(examples, batchSize);
      for (const [i, batch] of all.entries()) {
        const before = { theta: thetaOf(network), encoder: thetaOf(encoder), decoder: thetaOf(decoder) };
        learner.observe(batch);
        const r = 1 / (task + 1);
        const codes = range(task > 0 ? replay || batch.length : 0).map(() => range(size).map(() => normal(draw)));
        const drawn = codes.map((z) => {
          const logits = decoding.logits(oldDecoder, Float32Array.from(z));
          return Float64Array.from(logits, (value) => (likelihood === "gaussian" ? value : sigmoid(value)));
        });
        const inputs = [
          ...batch.map(({ x }) => ({ x: Float64Array.from(x, (byte) => byte / 255), weight: r / batch.length })),
          ...drawn.map((x) => ({ x, weight: (1 - r) / drawn.length })),
        ];
        const shown = inputs.map((one) => ({ ...one, epsilon: range(size).map(() => normal(draw)) }));
        if (i > 1 && i < all.length - 1) continue; // finite differences take their time
        const slopes = (theta: Float64Array, at: (moved: Float64Array) => number) =>
          theta.map((value, p) => (at(theta.with(p, value + 1e-5)) - at(theta.with(p, value - 1e-5))) / 2e-5);
        const byEncoder = slopes(before.encoder, (moved) => loss(moved, before.decoder, shown, likelihood));
        const byDecoder = slopes(before.decoder, (moved) => loss(before.encoder, moved, shown, likelihood));
        expect(distance(thetaOf(encoder), plus(before.encoder, byEncoder, -0.2))).toBeLessThan(2e-4);
        expect(distance(thetaOf(decoder), plus(before.decoder, byDecoder, -0.2))).toBeLessThan(2e-4);
        expect(Math.max(...byEncoder.map(Math.abs), ...byDecoder.map(Math.abs))).toBeGreaterThan(0.01);

        let total = plain.gradient(before.theta, batch).map((value) => r * value);
        const past = task === 0 ? [] : heads[task - 1];
        for (const outputs of past) {
          const terms = drawn.map((value) => {
            const x = Float32Array.from(value);
            const p = softmax(plain.logits(old, x), outputs);
            // In one head, it is judged among all outputs, as the present is.
            return { x, ...(row.name === "Task-IL" && { outputs }), y: p.indexOf(Math.max(...p)) };
          });
          total = plus(total, plain.gradient(before.theta, terms), (1 - r) / past.length);
        }
        expect(distance(thetaOf(network), plus(before.theta, total, -0.1))).toBeLessThan(1e-5);
      }
      learner.endTask?.();
      [old, oldDecoder] = [thetaOf(network), thetaOf(decoder)];
    }
    expect(steps.length).toBe(3 * Math.ceil(40 / batchSize));
  });

  it("draws what the past was like: the first task's classes are kept where plain SGD forgets them", async () => {
    const course = lesson({
      classes: [
        [0, 1],
        [2, 3],
      ],
      examples: 600,
    });
    const { learner, network } = await start({ ...options, rate: 1, latent: 4 }, course);
    const online = mlp({ hidden: [10] }, { inputs: 16, outputs: 4, random: random(2) });
    for (const examples of course.tasks) {
      for (const batch of range(10).flatMap(() => batches(examples, 4))) {
        learner.observe(batch);
        online.descend(batch, 0.1);
      }
      learner.endTask?.();
    }
    const right = (answers: ArrayLike<number>) => course.answers[0].filter((y, i) => answers[i] === y).length / 60;
    expect(right(online.predict(course.queries[0]))).toBeLessThan(0.2);
    expect(right(learner.predict(course.queries[0]))).toBeGreaterThan(0.6);
    expect(right(network.predict(course.queries[0]))).toBe(right(learner.predict(course.queries[0])));
  });

  it("gives a network of images its z in an image, and says where that has no room", async () => {
    const layers = [{ layer: "conv", filters: 4, kernel: 2 }, { layer: "relu" }];
    const shapes: (readonly number[])[] = [];
    const createNetwork: CreateNetwork<DifferentiableNetwork> = async (_, { shape = [4, 4, 1], outputs = 0 } = {}) => {
      shapes.push(shape);
      return convnet({ layers }, { shape, inputs: 16, outputs, random: random(5) });
    };
    const network = convnet({ layers }, { shape: [4, 4, 1], inputs: 16, outputs: 4, random: random(2) });
    const given = { network, createNetwork, shape: [4, 4, 1], random: random(6) };
    const learner = await generativeReplay({ ...options, latent: 16 }, given);
    for (const examples of classIl.tasks) {
      for (const batch of batches(examples, 4)) learner.observe(batch);
      learner.endTask?.();
    }
    expect(shapes).toEqual([
      [4, 4, 1],
      [4, 4, 1],
    ]);
    await expect(generativeReplay({ ...options, latent: 17 }, given)).rejects.toThrow(
      /^latent = 17 asks for more values than the 16 of an input.*use latent ≤ 16/,
    );
  });

  it("refuses values that are no chances, and stops where it diverges", async () => {
    const { learner } = await start(options, classIl);
    const x = new Float32Array(16).fill(0.5);
    learner.observe([{ x, y: 0 }]);
    for (const value of [-0.1, 1.5, NaN])
      expect(() => learner.observe([{ x: x.with(3, value), y: 0 }])).toThrow(
        /chances between 0 and 1, not .*; set its option "likelihood" to "gaussian"|became NaN/,
      );
    const gaussian = await start({ ...options, rate: 1e6, likelihood: "gaussian" }, classIl);
    expect(() => {
      for (const example of classIl.examples) gaussian.learner.observe([example]);
    }).toThrow(/training diverged/);
  });
});
