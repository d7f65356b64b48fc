import { checkLearner, toyDataset, toyScenario, toyStream } from "@everlearn/conformance";
import type { Example, OptionsFor } from "@everlearn/contracts";
import plugin, { lwf } from "@everlearn/learner-lwf";
import { mlp } from "@everlearn/network-mlp";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import { type Lesson, oracle, shares } from "./oracle.js";

interface Course {
  readonly tasks: Example[][];
  readonly outputs: number;
  /** The lists of outputs to distil in each task. */
  readonly past: number[][][];
}

/** Three tasks of 70 examples with outputs of their own. */
function taskIl(): Course {
  const stream = toyStream({ tasks: 3 }, { dataset: toyDataset(), random: random(1) });
  const scenario = toyScenario({ taskLabels: "always" }, { stream });
  const tasks = [0, 1, 2].map((task) => {
    const train = stream.train(task);
    return Array.from({ length: 70 }, (_, i) => scenario.example(task, train.input(i), train.label(i)));
  });
  const [first, second] = [
    [0, 1, 2, 3],
    [4, 5, 6, 7],
  ];
  return { tasks, outputs: 12, past: [[], [first], [first, second]] };
}

/** Three tasks of 70 examples with classes of their own, in one head: two, one and one. */
function classIl(): Course {
  const { train } = toyDataset();
  const all = Array.from({ length: train.length }, (_, i) => ({ x: train.input(i).slice(), y: train.label(i) }));
  const of = (...classes: number[]) => all.filter(({ y }) => classes.includes(y)).slice(0, 70);
  return { tasks: [of(1, 3), of(0), of(2)], outputs: 4, past: [[], [[1, 3]], [[0, 1, 3]]] };
}

const make = (outputs: number) => mlp({ hidden: [10] }, { inputs: 16, outputs, random: random(2) });
const distance = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i])));

/** θ after LwF learnt the tasks, in batches of `size`. */
function learnt(options: OptionsFor<typeof plugin.options>, { tasks, outputs }: Course, size = 1): Float32Array {
  const network = make(outputs);
  const learner = lwf(options, { network });
  for (const examples of tasks) {
    for (let i = 0; i < examples.length; i += size) learner.observe(examples.slice(i, i + size));
    learner.endTask?.();
  }
  return network.theta.toArray();
}

/** What a batch teaches: the mean cross-entropy, and λT² times that to the old network's answers in each past head. */
function lessons(
  batch: readonly Example[],
  past: readonly number[][],
  logits: (example: Example) => number[],
  { outputs, lambda, temperature }: { outputs: number; lambda: number; temperature: number },
): Lesson[] {
  const weight = 1 / batch.length;
  const all = Array.from({ length: outputs }, (_, o) => o);
  return batch.flatMap((example) => {
    const units = example.outputs ?? all;
    const own = { x: example.x, units, p: units.map((o) => (o === example.y ? 1 : 0)), temperature: 1, weight };
    const old = past.map((head) => {
      const p = shares(logits(example), head, temperature);
      return { x: example.x, units: head, p, temperature, weight: lambda * temperature ** 2 * weight };
    });
    return [own, ...old];
  });
}

describe("learner-lwf", () => {
  it("does what a learner must do", async () => {
    await checkLearner(plugin, { options: { alpha: 0.1 } });
    await checkLearner(plugin, { options: { alpha: 0.05, lambda: 0.5, temperature: 1 } });
  });

  it.each([
    { name: "Task-IL", course: taskIl(), size: 1, lambda: 1, temperature: 2 },
    { name: "Task-IL", course: taskIl(), size: 5, lambda: 0.5, temperature: 1 },
    { name: "Class-IL", course: classIl(), size: 1, lambda: 1, temperature: 2 },
    { name: "Class-IL", course: classIl(), size: 7, lambda: 2, temperature: 3 },
  ])("steps on the loss and the distillation loss ($name, batches of $size)", (given) => {
    const { course, size, lambda, temperature } = given;
    const { tasks, outputs, past } = course;
    const plain = oracle(16, 10, outputs);
    const theta = Float64Array.from(make(outputs).theta.toArray());
    let old = theta.slice();
    tasks.forEach((examples, task) => {
      for (let i = 0; i < examples.length; i += size) {
        const logits = ({ x }: Example) => plain.logits(old, x);
        const batch = lessons(examples.slice(i, i + size), past[task], logits, { outputs, lambda, temperature });
        const g = plain.gradient(theta, batch);
        for (let j = 0; j < g.length; j++) theta[j] -= 0.1 * g[j];
      }
      old = theta.slice();
    });
    const own = learnt({ alpha: 0.1, lambda, temperature }, course, size);
    expect(distance(own, theta)).toBeLessThan(1e-5);
    expect(distance(learnt({ alpha: 0.1, lambda: 0 }, course, size), own)).toBeGreaterThan(0.02);
  });

  it("steps along the loss's gradient, as finite differences have it", () => {
    const { tasks, outputs, past } = taskIl();
    const options = { alpha: 0.05, lambda: 1.5, temperature: 2 };
    const network = make(outputs);
    const learner = lwf(options, { network });
    for (const examples of tasks.slice(0, 2)) {
      for (const example of examples) learner.observe([example]);
      learner.endTask?.();
    }
    const old = make(outputs);
    old.theta.fromArray(network.theta.toArray());
    for (const example of tasks[2].slice(0, 20)) learner.observe([example]);
    const theta = Float64Array.from(network.theta.toArray());
    const batch = tasks[2].slice(20, 24);
    learner.observe(batch);
    const slopes = theta.map((value, i) => (value - network.theta.toArray()[i]) / options.alpha);
    const plain = oracle(16, 10, outputs);
    const taught = lessons(batch, past[2], (example) => [...old.logits([example])], { outputs, ...options });
    const expected = theta.map((_, i) => {
      const lossAt = (by: number) =>
        plain.loss(
          theta.map((value, j) => value + (j === i ? by : 0)),
          taught,
        );
      return (lossAt(1e-6) - lossAt(-1e-6)) / 2e-6;
    });
    expect(distance(slopes, expected)).toBeLessThan(5e-6);
    expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(0.05);
  });

  it("is online SGD to the bit where λ = 0: asking the old network leaves no trace in θ", () => {
    const { tasks, outputs } = classIl();
    const network = make(outputs);
    for (const example of tasks.flat()) network.descend([example], 0.1);
    expect(learnt({ alpha: 0.1, lambda: 0 }, { tasks, outputs, past: [] })).toEqual(network.theta.toArray());
  });
});
