import { checkLearner, toyBuffer, toyDataset, toyScenario, toyStream } from "@everlearn/conformance";
import type { Example, Network, OptionsFor } from "@everlearn/contracts";
import plugin, { agem } from "@everlearn/learner-agem";
import { mlp } from "@everlearn/network-mlp";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import { dot, oracle } from "./oracle.js";

const TASKS = 3;

/** `count` examples of each task in turn. */
function lesson(count: number, taskLabels: "never" | "training" | "always"): { examples: Example[]; outputs: number } {
  const stream = toyStream({ tasks: TASKS }, { dataset: toyDataset(), random: random(1) });
  const scenario = toyScenario({ taskLabels }, { stream });
  const examples = Array.from({ length: TASKS }, (_, task) => {
    const train = stream.train(task);
    return Array.from({ length: count }, (_, i) => scenario.example(task, train.input(i), train.label(i)));
  }).flat();
  return { examples, outputs: scenario.outputs };
}

const make = (outputs = 4) => mlp({ hidden: [10, 6] }, { inputs: 16, outputs, random: random(2) });
const memory = (capacity = 40) => toyBuffer({ capacity }, { random: random(3) });

/** What one step was made of. */
interface Step {
  readonly batch: readonly Example[];
  /** The memory before the step. */
  readonly held: readonly Example[];
  readonly drawn: readonly Example[];
  readonly g: Float64Array;
  readonly r: Float64Array;
  readonly stepped: Float64Array;
}

/** Learns a lesson in batches and answers what each step was made of. */
function watched(
  options: OptionsFor<typeof plugin.options>,
  examples: readonly Example[],
  { network = make(), size = 1, capacity = 40 }: { network?: Network; size?: number; capacity?: number } = {},
): Step[] {
  const buffer = memory(capacity);
  const steps: Step[] = [];
  let asked: { batch: readonly Example[]; gradient: Float64Array }[] = [];
  let stepped = new Float64Array();
  const spy: Network = {
    ...network,
    gradient(batch, into) {
      const gradient = network.gradient(batch, into);
      asked.push({ batch: batch as readonly Example[], gradient: Float64Array.from(gradient.toArray()) });
      return gradient;
    },
    step(gradient, rate) {
      stepped = Float64Array.from(gradient.toArray());
      network.step(gradient, rate);
    },
  };
  const learner = agem(options, { network: spy, buffer, random: random(4) });
  for (let i = 0; i < examples.length; i += size) {
    const batch = examples.slice(i, i + size);
    const held = buffer.all();
    asked = [];
    learner.observe(batch);
    const [{ gradient: g }, reference] = asked;
    expect(asked[0].batch).toEqual(batch);
    expect(asked.length).toBeLessThanOrEqual(2);
    steps.push({
      batch,
      held,
      drawn: reference?.batch ?? [],
      g,
      r: reference?.gradient ?? new Float64Array(g.length),
      stepped,
    });
  }
  return steps;
}

describe("learner-agem", () => {
  it("does what a learner must do", async () => {
    await checkLearner(plugin, { options: { alpha: 0.1, batch: 10 } });
    await checkLearner(plugin, { options: { alpha: 0.1, batch: 5, reference: "all" } });
  });

  it.each([
    { reference: "past", labels: "training", size: 1 },
    { reference: "past", labels: "always", size: 3 },
    { reference: "all", labels: "never", size: 1 },
  ] as const)("follows Eq. 11 in dense loops (reference $reference, labels $labels, batches of $size)", (setting) => {
    const { reference, labels, size } = setting;
    const { examples, outputs } = lesson(70, labels);
    const network = make(outputs);
    const plain = oracle(network.theta.toArray(), [16, 10, 6, outputs]);
    const steps = watched({ alpha: 0.1, batch: 8, reference }, examples, { network, size });
    let corrected = 0;
    for (const { batch, drawn } of steps) {
      const g = plain.gradient(batch);
      if (drawn.length > 0) {
        const r = plain.gradient(drawn);
        const product = dot(g, r);
        if (product < 0) {
          corrected++;
          g.forEach((_, i) => (g[i] -= (product / dot(r, r)) * r[i]));
        }
      }
      g.forEach((value, i) => (plain.theta[i] -= 0.1 * value));
    }
    const apart = network.theta.toArray().map((value, i) => Math.abs(value - plain.theta[i]));
    expect(Math.max(...apart)).toBeLessThan(1e-5);
    expect(corrected).toBeGreaterThan(10);
    expect(steps.length - corrected).toBeGreaterThan(25);
  });

  it("steps along no reference gradient's opposite, and changes nothing where g does not either", () => {
    const steps = watched({ alpha: 0.1, batch: 8 }, lesson(70, "training").examples);
    const against = steps.filter(({ g, r }) => dot(g, r) < 0);
    const along = steps.filter(({ g, r }) => dot(g, r) > 0);
    for (const { g, stepped } of along) expect(stepped).toEqual(g);
    for (const { g, r, stepped } of against) {
      const length = Math.sqrt(dot(r, r));
      expect(Math.abs(dot(stepped, r)) / (length * Math.sqrt(dot(g, g)))).toBeLessThan(1e-6);
      // What was taken away is a multiple of r, so that the step stays the nearest allowed one.
      const taken = g.map((value, i) => value - stepped[i]);
      expect(dot(taken, r) / (length * Math.sqrt(dot(taken, taken)))).toBeCloseTo(-1, 6);
    }
    expect(Math.min(against.length, along.length)).toBeGreaterThan(20);
  });

  it("draws from the memory's past tasks, as many as it can, none twice; a returning task is not past", () => {
    const { examples } = lesson(12, "training");
    const order = [...examples, ...examples.slice(0, 12)];
    for (const { batch, held, drawn } of watched({ alpha: 0.01, batch: 5 }, order, { capacity: 30 })) {
      const past = held.filter(({ task }) => task !== batch[0].task);
      expect(drawn.length).toBe(Math.min(5, past.length));
      expect(new Set(drawn).size).toBe(drawn.length);
      for (const example of drawn) expect(past).toContain(example);
    }
  });

  it("takes for past what no example of a mixed batch is of", () => {
    const { examples } = lesson(4, "training");
    const mixed = [examples[8], examples[0]];
    const steps = watched({ alpha: 0.01, batch: 20 }, [...examples, ...mixed], { size: 2 });
    expect(steps[6].drawn.map(({ task }) => task)).toEqual([1, 1, 1, 1]);
  });

  it("draws from all that the memory holds where told so, which is not yet the current batch", () => {
    const steps = watched({ alpha: 0.01, batch: 50, reference: "all" }, lesson(10, "never").examples, { size: 2 });
    steps.forEach(({ held, drawn }, i) => {
      expect(held.length).toBe(2 * i);
      expect(new Set(drawn)).toEqual(new Set(held));
    });
  });

  it("draws each held example as often as any other", () => {
    const { examples } = lesson(60, "training");
    const steps = watched(
      { alpha: 0.001, batch: 5 },
      [...examples.slice(0, 10), ...Array.from({ length: 40 }, () => examples.slice(60, 110)).flat()],
      { capacity: 5000 },
    );
    const counts = examples.slice(0, 10).map((example) => steps.filter(({ drawn }) => drawn.includes(example)).length);
    expect(counts.reduce((a, b) => a + b)).toBe(2000 * 5);
    // 2000 draws with probability 1/2: a standard deviation of 22.
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(100);
  });

  it("takes g as it is where the reference gradient is 0", () => {
    const network = make();
    const gradient: Network["gradient"] = (batch, into = network.vector()) => {
      network.gradient(batch, into);
      if (batch.length === 3) into.times(0);
      return into;
    };
    const steps = watched({ alpha: 0.1, batch: 3 }, lesson(5, "training").examples.slice(0, 8), {
      network: { ...network, gradient },
    });
    expect(steps[7].drawn.length).toBe(3);
    for (const { g, stepped } of steps) expect(stepped).toEqual(g);
  });

  it("needs task labels only for what is past", () => {
    const { needs } = plugin;
    const of = (reference: "past" | "all") =>
      typeof needs === "function" ? needs({ alpha: 0.1, batch: 1, reference }) : needs;
    expect(of("past")).toEqual(["buffer", "taskLabels"]);
    expect(of("all")).toEqual(["buffer"]);
    const { examples } = lesson(1, "never");
    const learner = agem({ alpha: 0.1, batch: 1 }, { network: make(), buffer: memory(), random: random(1) });
    expect(() => learner.observe(examples)).toThrow(/A-GEM needs examples with task labels .* or reference "all"\.$/);
  });
});
