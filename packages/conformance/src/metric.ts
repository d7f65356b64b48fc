import type { Evaluations, Metric, Need, OptionsFor, OptionsSchema, Plugin } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { copy, difference } from "./difference.js";
import { type AnyPlugin, type Check, judge, type Judged } from "./report.js";
import { watch } from "./watch.js";

/** What a metric is tried with. */
export interface MetricSetup<S extends OptionsSchema = OptionsSchema> {
  readonly options?: OptionsFor<S>;
}

interface Subject {
  readonly judged: Judged<"metric">;
  readonly make: () => Promise<Metric>;
}

/** Evaluations of runs with 1, 2 and 5 tasks, and of one whose accuracies are all 0. */
function evaluations(): Evaluations[] {
  const draw = random(16, "evaluations");
  const row = (length: number) => Array.from({ length }, () => draw.integer(1001) / 1000);
  const drawn = [1, 2, 5].map((tasks) => ({ accuracy: row(tasks).map(() => row(tasks)), initial: row(tasks) }));
  return [...drawn, { accuracy: row(3).map(() => [0, 0, 0]), initial: [0, 0, 0] }];
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
        if (value !== null && !Number.isFinite(value)) return `for ${one.initial.length} tasks it answered ${value}`;
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
    const make = () => judged.create({});
    return { subject: { judged, make }, part: await make() };
  });
}
