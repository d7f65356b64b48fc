import type { Evaluations, Metric, Need, OptionsFor, OptionsSchema, Plugin } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { copy, difference } from "./difference.js";
import type { AnyPlugin, Check, Judged } from "./check.js";
import { judge } from "./report.js";
import { madeOf } from "./state.js";
import { watch } from "./watch.js";

/** What a metric is tried with. */
export interface MetricSetup<S extends OptionsSchema = OptionsSchema> {
  readonly options?: OptionsFor<S>;
  /** The metric that one made of another is given; by default the first task's accuracy before training. */
  readonly of?: () => Metric | Promise<Metric>;
}

interface Subject {
  readonly judged: Judged<"metric">;
  readonly make: () => Promise<Metric>;
}

/**
 * Evaluations of runs with 1, 2 and 5 tasks one after the other; of runs whose accuracies are all 0, whose tasks come
 * again, whose experiences are of several tasks or of all, and whose evaluations leave cells out; with intermediate
 * evaluations and without.
 */
function evaluations(): Evaluations[] {
  const draw = random(16, "evaluations");
  const row = (length: number) => Array.from({ length }, () => draw.integer(1001) / 1000);
  function run(
    count: number,
    tasks: Evaluations["tasks"],
    cell: (experience: number, task: number, drawn: number) => number | null = (_, __, drawn) => drawn,
    intermediate = 0,
  ): Evaluations {
    const accuracy = tasks.map((_, i) => row(count).map((drawn, j) => cell(i, j, drawn)));
    const examples = 10 * tasks.length;
    return {
      accuracy,
      initial: row(count),
      tasks,
      intermediate: Array.from({ length: intermediate * tasks.length }, (_, i) => {
        const experience = Math.floor(i / intermediate);
        // An experience's tasks come one by one, with an evaluation at each.
        const come = [...tasks.slice(0, experience).flat(), ...tasks[experience].slice(0, 1 + (i % intermediate))];
        return {
          examples: Math.floor(((i + 1) * 10) / intermediate),
          experience,
          accuracy: row(count).map((drawn, task) => (come.includes(task) ? drawn : null)),
        };
      }),
      gradients: 11 * examples,
      bytes: 4000,
    };
  }
  const all = (count: number) => Array.from({ length: count }, (_, task) => task);
  const inOrder = (count: number) => all(count).map((task) => [task]);
  const none: Evaluations = { ...run(3, inOrder(3), () => 0), initial: [0, 0, 0], gradients: 0, bytes: 0 };
  return [
    ...[1, 2, 5].map((count) => run(count, inOrder(count))),
    none,
    run(4, inOrder(4), (_, __, drawn) => drawn, 3),
    run(3, [[0], [1], [2], [0], [1]], (_, __, drawn) => drawn, 2),
    run(2, [all(2)], (_, __, drawn) => drawn, 2),
    run(4, inOrder(4), (experience, task, drawn) => (experience === 3 || task <= experience ? drawn : null)),
    run(4, inOrder(4), (experience, task, drawn) => (experience === 3 || task === experience ? drawn : null), 1),
    run(4, [all(4), all(4)], (experience, _, drawn) => (experience === 1 ? drawn : null)),
    run(3, [[0, 1], [0, 1, 2], [2]], (_, __, drawn) => drawn, 3),
    {
      ...run(4, inOrder(4), (experience, task, drawn) => (task <= experience ? drawn : null), 2),
      initial: new Array<null>(4).fill(null),
    },
  ];
}

/** What every metric must do. */
export const metricChecks: readonly Check<Subject>[] = [
  {
    name: "purity",
    must: "use no randomness and no clock",
    async run({ make }) {
      const used = await watch(async () => evaluations().map(await make()));
      return used.length > 0 ? `it used ${used.join(", ")}` : undefined;
    },
  },
  {
    name: "number",
    must: "answer a finite number, or null where it is not defined",
    async run({ make }) {
      const metric = await make();
      for (const one of evaluations()) {
        const value = metric(one);
        if (value !== null && !Number.isFinite(value))
          return `for ${one.initial.length} tasks in ${one.tasks.length} experiences it answered ${value}`;
      }
      return undefined;
    },
  },
  {
    name: "steadiness",
    must: "answer the same for the same evaluations and leave them as they are",
    async run({ make }) {
      const metric = await make();
      const given = evaluations();
      const before = copy(given);
      const first = given.map((one) => metric(one));
      const changed = difference(given, before, "evaluations");
      if (changed) return changed;
      const again = given.map((one) => metric(one));
      return difference(again, first, "value");
    },
  },
];

/**
 * Tries a metric.
 * @throws ConformanceError with a sentence for every check that it failed
 */
export async function checkMetric<S extends OptionsSchema, N extends Need>(
  plugin: Plugin<"metric", S, N>,
  setup: MetricSetup<S> = {},
): Promise<void> {
  const erased = plugin as unknown as AnyPlugin<"metric">;
  await judge("metric", erased, setup.options ?? {}, metricChecks, async (judged) => {
    const makeOf = setup.of ?? ((): Metric => (given) => given.initial[0]);
    const make = async () => judged.create(await madeOf(judged.needs, makeOf));
    return { subject: { judged, make }, part: await make() };
  });
}
