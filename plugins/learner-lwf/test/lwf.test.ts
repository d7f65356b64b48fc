import { checkLearner } from "@everlearn/conformance";
import type { Example, OptionsFor, Term } from "@everlearn/contracts";
import plugin, { lwf } from "@everlearn/learner-lwf";
import { mlp } from "@everlearn/network-mlp";
import {
  batches,
  type DenseNetwork,
  denseNetwork,
  distance,
  type Lesson,
  lesson,
  plus,
  softmax,
  thetaOf,
} from "@everlearn/oracle";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";

type Course = Pick<Lesson, "tasks" | "outputs"> & {
  /** The lists of outputs to distil in each task. */
  readonly past: readonly (readonly number[])[][];
};

const [first, second] = [
  [0, 1, 2, 3],
  [4, 5, 6, 7],
];
/** Three tasks with outputs of their own. */
const taskIl: Course = {
  ...lesson({ tasks: 3, examples: 70, taskLabels: "always" }),
  past: [[], [first], [first, second]],
};
/** Three tasks with classes of their own, in one head: two, one and one. */
const classIl: Course = { ...lesson({ classes: [[1, 3], [0], [2]], examples: 70 }), past: [[], [[1, 3]], [[0, 1, 3]]] };

const make = (outputs: number) => mlp({ hidden: [10] }, { inputs: 16, outputs, random: random(2) });

/** θ after LwF learnt the tasks, in batches of `size`. */
function learnt(options: OptionsFor<typeof plugin.options>, { tasks, outputs }: Course, size = 1): Float32Array {
  const network = make(outputs);
  const learner = lwf(options, { network });
  for (const examples of tasks) {
    for (const batch of batches(examples, size)) learner.observe(batch);
    learner.endTask?.();
  }
  return network.theta.toArray();
}

interface Distillation {
  /** The network's parameters at the end of the last task. */
  readonly old: Float64Array;
  readonly past: readonly (readonly number[])[];
  readonly temperature: number;
}

/** A batch's inputs with what the old network answered among each past head's outputs. */
function distilled({ logits }: DenseNetwork, batch: readonly Example[], { old, past, temperature }: Distillation) {
  return past.map((outputs) =>
    batch.map(({ x }): Term => {
      const probabilities = Float32Array.from(softmax(logits(old, x), outputs, temperature));
      return { x, outputs, probabilities, temperature };
    }),
  );
}

describe("learner-lwf", () => {
  it("conforms to the learner contract", async () => {
    await checkLearner(plugin, { options: { alpha: 0.1 } });
    await checkLearner(plugin, { options: { alpha: 0.05, lambda: 0.5, temperature: 1 } });
  });

  it.each([
    { name: "Task-IL", course: taskIl, size: 1, lambda: 1, temperature: 2 },
    { name: "Task-IL", course: taskIl, size: 5, lambda: 0.5, temperature: 1 },
    { name: "Class-IL", course: classIl, size: 1, lambda: 1, temperature: 2 },
    { name: "Class-IL", course: classIl, size: 7, lambda: 2, temperature: 3 },
  ])("steps on the loss and λT² times each past head's distillation loss ($name, batches of $size)", (given) => {
    const { course, size, lambda, temperature } = given;
    const plain = denseNetwork(16, 10, course.outputs);
    let theta = thetaOf(make(course.outputs));
    course.tasks.forEach((examples, task) => {
      const distillation = { old: theta, past: course.past[task], temperature };
      for (const batch of batches(examples, size)) {
        let total = plain.gradient(theta, batch);
        for (const terms of distilled(plain, batch, distillation))
          total = plus(total, plain.gradient(theta, terms), lambda * temperature ** 2);
        theta = plus(theta, total, -0.1);
      }
    });
    const own = learnt({ alpha: 0.1, lambda, temperature }, course, size);
    expect(distance(own, theta)).toBeLessThan(1e-5);
    expect(distance(learnt({ alpha: 0.1, lambda: 0 }, course, size), own)).toBeGreaterThan(0.005);
  });

  it("steps along the loss's gradient, as finite differences have it", () => {
    const { tasks, outputs, past } = taskIl;
    const options = { alpha: 0.05, lambda: 1.5, temperature: 2 };
    const network = make(outputs);
    const learner = lwf(options, { network });
    for (const examples of tasks.slice(0, 2)) {
      for (const example of examples) learner.observe([example]);
      learner.endTask?.();
    }
    const old = thetaOf(network);
    for (const example of tasks[2].slice(0, 20)) learner.observe([example]);
    const theta = thetaOf(network);
    const batch = tasks[2].slice(20, 24);
    learner.observe(batch);
    const slopes = thetaOf(network).map((value, i) => (theta[i] - value) / options.alpha);
    const plain = denseNetwork(16, 10, outputs);
    const heads = distilled(plain, batch, { old, past: past[2], temperature: 2 });
    const lossOf = (at: Float64Array) =>
      heads.reduce((sum, terms) => sum + 1.5 * 2 ** 2 * plain.loss(at, terms), plain.loss(at, batch));
    const expected = theta.map(
      (value, i) => (lossOf(theta.with(i, value + 1e-6)) - lossOf(theta.with(i, value - 1e-6))) / 2e-6,
    );
    expect(distance(slopes, expected)).toBeLessThan(5e-6);
    expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(0.05);
  });

  it("is online SGD to the bit where λ = 0: asking the old network leaves no trace in θ", () => {
    const network = make(classIl.outputs);
    for (const example of classIl.tasks.flat()) network.descend([example], 0.1);
    expect(learnt({ alpha: 0.1, lambda: 0 }, classIl)).toEqual(network.theta.toArray());
  });
});
