import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { referenceNetwork, toyBuffer, toyDataset, toyScenario, toyStream } from "@everlearn/conformance";
import type { Example, JournalRecord, Learner, Metric, Query, Scenario, Tracker } from "@everlearn/contracts";
import type { Cell } from "@everlearn/host";
import { random } from "@everlearn/random";
import { onTestFinished } from "vitest";

export interface ToyOptions {
  readonly seed?: number;
  /** Equal options and "specs" make equal cells. */
  readonly spec?: string;
  readonly batchSize?: number;
  readonly tasks?: number;
  /** Training examples of each task, and test examples. */
  readonly train?: number;
  readonly test?: number;
  readonly taskLabels?: Scenario["taskLabels"];
  readonly metrics?: Readonly<Record<string, Metric>>;
  readonly trackers?: readonly Tracker[];
  /** Called before the learner's `observe` with the number of examples that it has seen in this process. */
  readonly beforeObserve?: (batch: readonly Example[], seen: number) => void;
  /** Called before the learner's `predict` with the number of calls before this one. */
  readonly beforePredict?: (queries: readonly Query[], calls: number) => void;
  readonly beforeEndTask?: (seen: number) => void;
  /** Stands in for the answers. */
  readonly answer?: (queries: readonly Query[]) => Uint16Array;
}

/** A run that takes milliseconds: replay on two examples, and a number that decays, so that all its state matters. */
export function toyCell(options: ToyOptions = {}): Cell {
  const { seed = 0, spec: text = "toy", batchSize = 1, tasks = 3, train = 20, test = 32 } = options;
  const { taskLabels = "never", metrics = {}, trackers = [] } = options;
  const dataset = toyDataset({ train, test });
  const [streamRandom, bufferRandom, learnerRandom] = ["stream", "buffer", "learner"].map((name) => random(seed, name));
  const stream = toyStream({ tasks }, { dataset, random: streamRandom });
  const scenario = toyScenario({ taskLabels }, { stream });
  const network = referenceNetwork(
    { hidden: 5 },
    { inputs: 16, outputs: scenario.outputs, random: random(seed, "network") },
  );
  const buffer = toyBuffer({ capacity: 9 }, { random: bufferRandom });
  let rate = 0.2;
  let [seen, calls] = [0, 0];
  const learner: Learner = {
    observe(batch) {
      options.beforeObserve?.(batch, seen);
      seen += batch.length;
      network.descend([...batch, ...buffer.sample(2)], rate * (1 + learnerRandom.uniform()));
      for (const example of batch) buffer.add(example);
      rate *= 0.99;
    },
    endTask() {
      options.beforeEndTask?.(seen);
      rate = 0.2;
    },
    predict(queries) {
      options.beforePredict?.(queries, calls++);
      return options.answer?.(queries) ?? network.predict(queries);
    },
    save: () => rate,
    load(state) {
      rate = state as number;
    },
  };
  const spec = { name: "toy", text, seeds: [seed], description: "" } as unknown as Cell["spec"];
  return {
    name: "toy",
    seed,
    spec,
    specId: `spec of ${text}`,
    cellId: `cell of ${text}, seed ${seed}, ${batchSize}`,
    batchSize,
    stream,
    scenario,
    network,
    learner,
    buffer,
    metrics,
    trackers,
    parts: { network, buffer, learner, "random-buffer": bufferRandom, "random-learner": learnerRandom },
    dispose: async () => {},
  };
}

/** A new folder that goes when the test ends. */
export function temporary(): string {
  const directory = mkdtempSync(join(tmpdir(), "everlearn-runner-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A journal's records as they stand in the file. */
export function journalOf(directory: string): JournalRecord[] {
  const lines = readFileSync(join(directory, "journal.jsonl"), "utf8").split("\n");
  if (lines.pop() !== "") throw new Error("The journal does not end with a line break.");
  return lines.map((line) => JSON.parse(line) as JournalRecord);
}

/** Records without when they were made. */
export function timeless(records: readonly JournalRecord[]): object[] {
  return records.map((record) => ({ ...record, time: "" }));
}
