import {
  checkBuffer,
  checkLearner,
  checkMetric,
  checkNetwork,
  checkOptimizer,
  checkScenario,
  checkStream,
} from "@everlearn/conformance";
import type { Buffer, FastPaths, Learner, Parts, Plugin, State } from "@everlearn/contracts";
import fc from "fast-check";
import { expect, it } from "vitest";
import { load, plugins } from "./workspace.js";

/** How many variants of a kind are drawn: sixty in all, none of which may be reported. */
const runs = { buffer: 12, learner: 16, stream: 10, scenario: 6, network: 6, optimizer: 5, metric: 5 };

it("are fifty and more", () => {
  expect(Object.values(runs).reduce((sum, n) => sum + n)).toBeGreaterThanOrEqual(50);
});

/** The same variants every time: CI judges the kit, not the draw. VARIANTS=n draws others. */
const always = { seed: Number(process.env.VARIANTS ?? 1) };

const rate = fc.double({ min: 0.05, max: 0.2, noNaN: true }); // what a learner that learns is tried with
const step = fc.double({ min: 0.4, max: 1, noNaN: true });
const fraction = fc.double({ min: 0.05, max: 1, noNaN: true });
const count = (max: number) => fc.integer({ min: 1, max });
const one = <T extends object>(name: string, options: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record({ name: fc.constant(name), options: fc.record(options) as fc.Arbitrary<object> });

/** A plugin that does what another does in another way, which is right too. */
function otherwise<T extends object>(plugin: Plugin, change: (part: T) => Partial<T>): Plugin {
  const create = plugin.create as (...given: unknown[]) => T | Promise<T>;
  return {
    ...plugin,
    async create(...given: unknown[]) {
      const part = await create(...given);
      const own = Object.defineProperties({}, Object.getOwnPropertyDescriptors(part)) as T;
      return Object.defineProperties(part, Object.getOwnPropertyDescriptors(change(own)));
    },
  } as unknown as Plugin;
}

/** State in a shape of its own, with a version beside it. */
const stateOf = ({ save, load }: Pick<Buffer, "save" | "load">): Pick<Buffer, "save" | "load"> => ({
  save: () => [{ version: 2, inner: save() }],
  load: (state) => load((state as [{ inner: State }])[0].inner),
});

/** Answers found in portions. */
const portions =
  (size: number) =>
  ({ predict }: Learner): Pick<Learner, "predict"> => ({
    predict(queries) {
      const answers = new Uint16Array(queries.length);
      for (let i = 0; i < queries.length; i += size) answers.set(predict(queries.slice(i, i + size)), i);
      return answers;
    },
  });

type Check = (plugin: Plugin, setup: object) => Promise<void>;

/** Draws variants of a kind, and has each checked. @returns how many were accepted */
async function accepts(
  kind: keyof typeof runs,
  check: unknown,
  variants: fc.Arbitrary<{ name: string; options: object }>,
  change: fc.Arbitrary<(plugin: Plugin) => Plugin> = fc.constant((plugin) => plugin),
  setup: object = {},
): Promise<number> {
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(variants, change, async ({ name, options }, change) => {
      const found = plugins.find(({ folder }) => folder === `plugins/${kind}-${name}`);
      if (!found) throw new Error(`There is no plugin ${kind}-${name}.`);
      await (check as Check)(change(await load(found)), { ...setup, options });
      accepted++;
    }),
    { numRuns: runs[kind], endOnFailure: true, ...always },
  );
  return accepted;
}

/** The plugin as it is, or with its state, and where it answers its answers, made in another way. */
const alike = fc.constantFrom(
  (plugin: Plugin) => plugin,
  (plugin: Plugin) => otherwise<Buffer>(plugin, stateOf),
);
const answering = count(7).map((size) => (plugin: Plugin) => otherwise<Learner>(plugin, portions(size)));

it("buffers of any capacity, whatever their state looks like, are accepted", async () => {
  const accepted = await accepts(
    "buffer",
    checkBuffer,
    fc.oneof(
      one("reservoir", { capacity: count(60), variant: fc.constantFrom("exact", "released") }),
      one("ring", {
        capacity: fc.integer({ min: 8, max: 60 }),
        rings: fc.integer({ min: 4, max: 8 }),
        per: fc.constantFrom("task", "class"),
      }),
      one("class-balanced", { capacity: fc.integer({ min: 8, max: 60 }) }),
    ),
    alike,
  );
  expect(accepted).toBe(runs.buffer);
});

it("learners at any rates, in whatever portions they answer, are accepted", async () => {
  const accepted = await accepts(
    "learner",
    checkLearner,
    fc.oneof(
      one("online", { alpha: rate, clip: fc.double({ min: 1, max: 9, noNaN: true }) }),
      one("er", { alpha: rate, k: count(12) }),
      one("mer", { alpha: rate, beta: step, gamma: step, s: count(3), k: count(6) }),
      one("reptile", { alpha: rate, gamma: step, s: count(5) }),
      one("der", { rate, alpha: fraction, replay: count(8) }),
      one("agem", { alpha: rate, batch: count(16), reference: fc.constantFrom("past", "all") }),
      one("si", { alpha: rate, c: fraction }),
      one("rwalk", { rate, lambda: fraction, alpha: fc.constantFrom(0.1, 0.9, 1), interval: count(20) }),
      one("ewc", {
        alpha: rate,
        lambda: fraction,
        n: count(10),
        fisher: fc.constantFrom("batch", "empirical", "exact"),
      }),
    ),
    fc.oneof(alike, answering),
  );
  expect(accepted).toBe(runs.learner);
});

it("streams of any size are accepted", async () => {
  const accepted = await accepts(
    "stream",
    checkStream,
    fc.oneof(
      one("rotated", {
        tasks: count(5),
        examplesPerTask: fc.integer({ min: 20, max: 200 }),
        maxAngle: fc.double({ min: 1, max: 360, noNaN: true }),
      }),
      one("permuted", { tasks: count(5), examplesPerTask: fc.integer({ min: 20, max: 200 }) }),
      one("split", { classesPerTask: fc.constantFrom(1, 2, 5), order: fc.constantFrom("seed", "ascending") }),
    ),
  );
  expect(accepted).toBe(runs.stream);
});

it("scenarios, whatever they grant, are accepted", async () => {
  const accepted = await accepts(
    "scenario",
    checkScenario,
    fc.oneof(
      one("domain-il", { taskLabels: fc.constantFrom("never", "training") }),
      one("class-il", { taskLabels: fc.constantFrom("never", "training") }),
      one("task-il", { heads: fc.constantFrom("shared", "separate") }),
    ),
  );
  expect(accepted).toBe(runs.scenario);
});

/** A network plugin whose networks lack some of their fast paths, which are derived then. */
function lacking(plugin: Plugin, paths: readonly (keyof FastPaths)[]): Plugin {
  return otherwise<Parts["network"]>(plugin, () => Object.fromEntries(paths.map((path) => [path, undefined])));
}

const fastPaths = ["descend", "step", "losses", "predict", "gram", "gradientGram"] as const;

it("networks of any depth and width, whichever fast paths they bring, are accepted", async () => {
  const accepted = await accepts(
    "network",
    checkNetwork,
    one("mlp", { hidden: fc.array(fc.integer({ min: 8, max: 24 }), { minLength: 1, maxLength: 3 }) }),
    fc.subarray([...fastPaths]).map((paths) => (plugin: Plugin) => lacking(plugin, paths)),
  );
  expect(accepted).toBe(runs.network);
});

it("optimizers at any decay, whatever their state looks like, are accepted", async () => {
  const accepted = await accepts(
    "optimizer",
    checkOptimizer,
    one("adam", {
      beta1: fc.double({ min: 0, max: 0.9, noNaN: true }),
      beta2: fc.double({ min: 0.95, max: 0.999, noNaN: true }),
    }),
    alike,
  );
  expect(accepted).toBe(runs.optimizer);
});

it("metrics that weigh R in any way are accepted", async () => {
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(fraction, fraction, async (a, b) => {
      const plugin: Plugin<"metric"> = {
        kind: "metric",
        name: "weighed",
        contract: 2,
        description: "A weighed sum of the first task's accuracy, first and last.",
        options: {},
        create:
          () =>
          ({ accuracy }) => {
            const [first, last] = [accuracy[0][0], accuracy[accuracy.length - 1][0]];
            return first === null || last === null ? null : (a * first + b * last) / (a + b);
          },
      };
      await checkMetric(plugin);
      accepted++;
    }),
    { numRuns: runs.metric, ...always },
  );
  expect(accepted).toBe(runs.metric);
});
