import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JournalRecord, Need, OptionsFor, OptionsSchema, Plugin, TrackedRun, Tracker } from "@everlearn/contracts";
import { copy, difference } from "./difference.js";
import type { AnyPlugin, Check } from "./check.js";
import { judge } from "./report.js";
import { madeOf } from "./state.js";

/** What a tracker is tried with. */
export interface TrackerSetup<S extends OptionsSchema = OptionsSchema> {
  readonly options?: OptionsFor<S>;
  /** Makes the tracker that one made of another is given; by default one that takes everything and does nothing. */
  readonly of?: () => Tracker | Promise<Tracker>;
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
  spec: {
    name: "toy",
    dataset: { use: "glyphs" },
    stream: { use: "rotated", tasks: 2 },
    scenario: { use: "domain-il" },
    network: { use: "mlp", hidden: [3] },
    learner: { use: "online", alpha: 0.1 },
    seeds: [0, 1],
    trackers: [],
  },
  plugins: { learner: { name: "online", package: "@everlearn/learner-online", version: "0.1.0" } },
  checksum: "d".repeat(64),
  tasks: [[0], [1]],
};
const before: JournalRecord = { type: "evaluation", time, after: null, examples: 0, accuracy: [0.5, 0.5] };
const training: JournalRecord[] = [
  { type: "training", time, experience: 0, examples: 5, loss: 1.5, examplesPerSecond: 1000 },
  { type: "training", time, experience: 0, examples: 10, loss: null, examplesPerSecond: 1000 },
];
const glance: JournalRecord = { type: "glance", time, experience: 0, examples: 5, accuracy: [0.5, null] };
const after: JournalRecord = { type: "evaluation", time, after: 0, examples: 10, accuracy: [0.75, 0.5] };
const runs: Readonly<Record<string, readonly JournalRecord[]>> = {
  "a run that ends": [
    ...[start, before, ...training, after],
    { type: "end", time, metrics: { retainedAccuracy: 0.625, forwardTransfer: null }, digest: "c".repeat(64) },
  ],
  "a run that fails": [start, before, glance, { type: "failed", time, message: "The loss became NaN." }],
  "a run that stops": [start, before],
};

/** Shows a run to a tracker as it grows, record by record, then as it ended; again to another one that begins anew. */
async function told(
  make: Subject["make"],
  directory: string,
  all: readonly JournalRecord[],
): Promise<string | undefined> {
  await mkdir(join(directory, "sync"), { recursive: true });
  const path = join(directory, "journal.jsonl");
  const show = async (tracker: Tracker, records: readonly JournalRecord[], running: boolean) => {
    await writeFile(path, records.map((record) => `${JSON.stringify(record)}\n`).join(""));
    const given = copy([...records]);
    const run: TrackedRun = { directory, records: given, running };
    const { pending, problem } = await tracker.sync([run], { last: !running });
    const changed = difference(given, records, "records");
    if (changed) return changed;
    if (pending !== 0) return `${pending} things are pending${problem === undefined ? "" : `: ${problem}`}`;
    const lines = (await readFile(path, "utf8")).split("\n").slice(0, -1);
    return difference(
      lines.map((line) => JSON.parse(line) as JournalRecord),
      records,
      "the journal",
    );
  };
  for (const whole of [false, true]) {
    const tracker = await make();
    try {
      for (let count = whole ? all.length : 1; count <= all.length; count++) {
        const changed = await show(tracker, all.slice(0, count), count < all.length);
        if (changed) return changed;
      }
    } finally {
      await tracker.dispose?.();
    }
  }
  return undefined;
}

/** What every tracker must do. */
export const trackerChecks: readonly Check<Subject>[] = [
  {
    name: "runs",
    must: "take runs that end, fail or stop, as they grow and once more, and leave them as they are",
    async run({ make }) {
      const folder = await mkdtemp(join(tmpdir(), "everlearn-tracker-"));
      try {
        for (const [i, [name, records]] of Object.entries(runs).entries()) {
          const changed = await told(make, join(folder, `seed-${i}`), records);
          if (changed) return `of ${name} ${changed}`;
        }
        return undefined;
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  },
  {
    name: "disposal",
    must: "let itself be disposed of twice, also before any run",
    async run({ make }) {
      const tracker = await make();
      await tracker.dispose?.();
      await tracker.dispose?.();
      return undefined;
    },
  },
];

/**
 * Tries a tracker. One that sends runs somewhere needs that to be there.
 * @throws ConformanceError with a sentence for every check that it failed
 */
export async function checkTracker<S extends OptionsSchema, N extends Need>(
  plugin: Plugin<"tracker", S, N>,
  setup: TrackerSetup<S> = {},
): Promise<void> {
  const erased = plugin as unknown as AnyPlugin<"tracker">;
  await judge("tracker", erased, setup.options ?? {}, trackerChecks, async (judged) => {
    const makeOf = setup.of ?? ((): Tracker => ({ sync: async () => ({ pending: 0 }) }));
    const make = async () => judged.create(await madeOf(judged.needs, makeOf));
    const part = await make();
    await part.dispose?.();
    return { subject: { make }, part };
  });
}
