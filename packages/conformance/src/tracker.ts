import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JournalRecord, Need, OptionsFor, OptionsSchema, Plugin, Tracker } from "@everlearn/contracts";
import { copy, difference } from "./difference.js";
import { type AnyPlugin, type Check, judge } from "./report.js";

/** What a tracker is tried with. */
export interface TrackerSetup<S extends OptionsSchema = OptionsSchema> {
  readonly options?: OptionsFor<S>;
  /** The directory that it is given; a new one that is deleted afterwards by default. */
  readonly directory?: string;
}

interface Subject {
  readonly make: () => Promise<Tracker>;
}

const time = "2026-01-01T00:00:00.000Z";
const start: JournalRecord = {
  type: "start",
  time,
  name: "toy",
  specId: "a".repeat(64),
  cellId: "b".repeat(64),
  seed: 0,
  spec: { name: "toy" },
};
const before: JournalRecord = { type: "evaluation", time, after: null, examples: 0, accuracy: [0.5, 0.5] };
const after: JournalRecord = { type: "evaluation", time, after: 0, examples: 10, accuracy: [0.75, 0.5] };
const runs: Readonly<Record<string, readonly JournalRecord[]>> = {
  "a run that ends": [
    start,
    before,
    after,
    { type: "end", time, metrics: { retainedAccuracy: 0.625, forwardTransfer: null }, digest: "c".repeat(64) },
  ],
  "a run that fails": [start, before, { type: "failed", time, message: "The loss became NaN." }],
  "a run that stops": [start, before],
};

/** What every tracker must do. */
export const trackerChecks: readonly Check<Subject>[] = [
  {
    name: "records",
    must: "take the records of a run that ends, fails or stops, and leave them as they are",
    async run({ make }) {
      for (const [name, records] of Object.entries(runs)) {
        const tracker = await make();
        const given = copy([...records]);
        for (const record of given) await tracker.record(record);
        await tracker.dispose?.();
        const changed = difference(given, records, "records");
        if (changed) return `of ${name} ${changed}`;
      }
      return undefined;
    },
  },
  {
    name: "disposal",
    must: "let itself be disposed of twice, also before any record",
    async run({ make }) {
      const tracker = await make();
      await tracker.dispose?.();
      await tracker.dispose?.();
      return undefined;
    },
  },
];

/**
 * Tries a tracker.
 * @throws ConformanceError with a sentence for every check that it failed
 */
export async function checkTracker<S extends OptionsSchema, N extends Need>(
  plugin: Plugin<"tracker", S, N>,
  setup: TrackerSetup<S> = {},
): Promise<void> {
  const erased = plugin as unknown as AnyPlugin<"tracker">;
  const own = setup.directory === undefined ? await mkdtemp(join(tmpdir(), "everlearn-tracker-")) : undefined;
  try {
    await judge("tracker", erased, setup.options ?? {}, trackerChecks, async (judged) => {
      const make = () => judged.create({ directory: setup.directory ?? own ?? tmpdir() });
      const part = await make();
      await part.dispose?.();
      return { subject: { make }, part };
    });
  } finally {
    if (own) await rm(own, { recursive: true, force: true });
  }
}
