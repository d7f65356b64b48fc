import { checkLearner, toyBuffer } from "@everlearn/conformance";
import type { Example, Network, OptionsFor } from "@everlearn/contracts";
import plugin, { agem } from "@everlearn/learner-agem";
import { mlp } from "@everlearn/network-mlp";
import { batches, denseNetwork, distance, dot, lesson, plus, thetaOf } from "@everlearn/oracle";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";

const { tasks, examples } = lesson({ tasks: 3, examples: 70, taskLabels: "training" });
/** The first examples of each task, task after task. */
const firstOfEach = (count: number) => tasks.flatMap((task) => task.slice(0, count));
const make = (outputs = 4) => mlp({ hidden: [10, 6] }, { inputs: 16, outputs, random: random(2) });
const memory = (capacity = 40) => toyBuffer({ capacity }, { random: random(3) });

/** What a step was computed from. */
interface Step {
  readonly batch: readonly Example[];
  /** The memory before the step. */
  readonly held: readonly Example[];
  readonly drawn: readonly Example[];
  readonly g: Float64Array;
  readonly r: Float64Array;
  readonly stepped: Float64Array;
}

/** Learns batch by batch and reports what each step was computed from. */
function watched(
  options: OptionsFor<typeof plugin.options>,
  shown: readonly (readonly Example[])[],
  { network = make(), capacity = 40 }: { network?: Network; capacity?: number } = {},
): Step[] {
  const buffer = memory(capacity);
  const steps: Step[] = [];
  let asked: { batch: readonly Example[]; gradient: Float64Array }[] = [];
  let stepped = new Float64Array();
  const spy: Network = {
    ...network,
    gradient(batch, into) {
      const loss = network.gradient(batch, into);
      asked.push({ batch: batch as readonly Example[], gradient: Float64Array.from(into.toArray()) });
      return loss;
    },
    step(gradient, rate) {
      stepped = Float64Array.from(gradient.toArray());
      network.step(gradient, rate);
    },
  };
  const learner = agem(options, { network: spy, buffer, random: random(4) });
  for (const batch of shown) {
    const held = buffer.all();
    asked = [];
    learner.observe(batch);
    const [{ gradient: g }, reference] = asked;
    expect(asked[0].batch).toEqual(batch);
    expect(asked.length).toBeLessThanOrEqual(2);
    const [drawn, r] = reference ? [reference.batch, reference.gradient] : [[], new Float64Array(g.length)];
    steps.push({ batch, held, drawn, g, r, stepped });
  }
  return steps;
}

describe("learner-agem", () => {
  it("conforms to the learner contract", async () => {
    await checkLearner(plugin, { options: { alpha: 0.1, batch: 10 } });
    await checkLearner(plugin, { options: { alpha: 0.1, batch: 5, reference: "all" } });
  });

  it.each([
    { reference: "past", taskLabels: "training", size: 1 },
    { reference: "past", taskLabels: "always", size: 3 },
    { reference: "all", taskLabels: "never", size: 1 },
  ] as const)("follows Eq. 11 (reference $reference, task labels $taskLabels, batches of $size)", (setting) => {
    const { reference, taskLabels, size } = setting;
    const { examples: shown, outputs } = lesson({ tasks: 3, examples: 100, taskLabels });
    const network = make(outputs);
    const { gradient } = denseNetwork(16, 10, 6, outputs);
    let theta = thetaOf(network);
    const steps = watched({ alpha: 0.1, batch: 8, reference }, batches(shown, size), { network });
    let corrected = 0;
    for (const { batch, drawn } of steps) {
      let g = gradient(theta, batch);
      if (drawn.length > 0) {
        const r = gradient(theta, drawn);
        if (dot(g, r) < 0) {
          corrected++;
          g = plus(g, r, -dot(g, r) / dot(r, r));
        }
      }
      theta = plus(theta, g, -0.1);
    }
    expect(distance(network.theta.toArray(), theta)).toBeLessThan(1e-5);
    expect(corrected).toBeGreaterThan(10);
    expect(steps.length - corrected).toBeGreaterThan(25);
  });

  it("never steps against the reference gradient, and leaves g as it is where g does not either", () => {
    const steps = watched({ alpha: 0.1, batch: 8 }, batches(examples, 1));
    const against = steps.filter(({ g, r }) => dot(g, r) < 0);
    const along = steps.filter(({ g, r }) => dot(g, r) > 0);
    for (const { g, stepped } of along) expect(stepped).toEqual(g);
    for (const { g, r, stepped } of against) {
      const length = Math.sqrt(dot(r, r));
      expect(Math.abs(dot(stepped, r)) / (length * Math.sqrt(dot(g, g)))).toBeLessThan(1e-6);
      // What was taken away is a multiple of r, so the step is the nearest one allowed.
      const taken = plus(g, stepped, -1);
      expect(dot(taken, r) / (length * Math.sqrt(dot(taken, taken)))).toBeCloseTo(-1, 6);
    }
    expect(Math.min(against.length, along.length)).toBeGreaterThan(20);
  });

  it("draws from the past tasks in the memory without replacement; a task that returns is not past", () => {
    const shown = [...firstOfEach(12), ...tasks[0].slice(0, 12)];
    for (const { batch, held, drawn } of watched({ alpha: 0.01, batch: 5 }, batches(shown, 1), { capacity: 30 })) {
      const past = held.filter(({ task }) => task !== batch[0].task);
      expect(drawn.length).toBe(Math.min(5, past.length));
      expect(new Set(drawn).size).toBe(drawn.length);
      for (const example of drawn) expect(past).toContain(example);
    }
  });

  it("counts as past only the tasks that a mixed batch has no example of", () => {
    const mixed = [tasks[2][0], tasks[0][0]];
    const steps = watched({ alpha: 0.01, batch: 20 }, batches([...firstOfEach(4), ...mixed], 2));
    expect(steps[6].drawn.map(({ task }) => task)).toEqual([1, 1, 1, 1]);
  });

  it('draws from the whole memory with reference "all"; the current batch is not in it yet', () => {
    const shown = firstOfEach(10).map(({ x, y }) => ({ x, y }));
    const steps = watched({ alpha: 0.01, batch: 50, reference: "all" }, batches(shown, 2));
    steps.forEach(({ held, drawn }, i) => {
      expect(held.length).toBe(2 * i);
      expect(new Set(drawn)).toEqual(new Set(held));
    });
  });

  it("draws every example of the memory equally often", () => {
    const first = tasks[0].slice(0, 10);
    const shown = [...first, ...Array.from({ length: 40 }, () => tasks[1].slice(0, 50)).flat()];
    const steps = watched({ alpha: 0.001, batch: 5 }, batches(shown, 1), { capacity: 5000 });
    const counts = first.map((example) => steps.filter(({ drawn }) => drawn.includes(example)).length);
    expect(counts.reduce((a, b) => a + b)).toBe(2000 * 5);
    // 2000 draws with probability 1/2: a standard deviation of 22.
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(100);
  });

  it("takes g as it is where the reference gradient is 0", () => {
    const network = make();
    const gradient: Network["gradient"] = (batch, into) => {
      const loss = network.gradient(batch, into);
      if (batch.length === 3) into.times(0);
      return loss;
    };
    const steps = watched({ alpha: 0.1, batch: 3 }, batches(firstOfEach(5).slice(0, 8), 1), {
      network: { ...network, gradient },
    });
    expect(steps[7].drawn.length).toBe(3);
    for (const { g, stepped } of steps) expect(stepped).toEqual(g);
  });

  it("needs task labels only to tell what is past", () => {
    const { needs } = plugin;
    const needsWith = (reference: "past" | "all") =>
      typeof needs === "function" ? needs({ alpha: 0.1, batch: 1, reference }) : needs;
    expect(needsWith("past")).toEqual(["network", "buffer", "taskLabels"]);
    expect(needsWith("all")).toEqual(["network", "buffer"]);
    const [{ x, y }] = examples;
    const learner = agem({ alpha: 0.1, batch: 1 }, { network: make(), buffer: memory(), random: random(1) });
    const message = /A-GEM needs examples with task labels .* or reference "all"\.$/;
    expect(() =>
      learner.observe([
        { x, y },
        { x, y },
      ]),
    ).toThrow(message);
  });
});
