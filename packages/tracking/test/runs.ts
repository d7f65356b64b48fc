import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Delivery, JournalRecord, TrackedRun, Tracker } from "@everlearn/contracts";
import { digest } from "@everlearn/digest";
import { seal, sealOf } from "@everlearn/records";
import { afterAll } from "vitest";

const folders: string[] = [];
afterAll(() => {
  for (const path of folders) rmSync(path, { recursive: true, force: true });
});

/** A folder that is removed when the tests of the file have finished. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "everlearn-tracking-"));
  folders.push(path);
  return path;
}

const start = (name: string, seed: number): JournalRecord => ({
  ...{ type: "start", time: "2026-01-01T00:00:00.000Z", name, specId: "s", cellId: "c", seed, spec: {} },
  ...{ plugins: {}, checksum: "", tasks: [[0]] },
});

/** Begins a run's journal. @returns the run's folder */
export function begin(root: string, name: string, seed = 0): string {
  const directory = join(root, name, `seed-${seed}`);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "journal.jsonl"), `${JSON.stringify(start(name, seed))}\n`);
  return directory;
}

/** Adds a record to a run's journal. */
export function evaluate(directory: string, examples: number): void {
  const time = "2026-01-01T00:00:01.000Z";
  const record: JournalRecord = { type: "evaluation", time, after: null, examples, accuracy: [0.5] };
  appendFileSync(join(directory, "journal.jsonl"), `${JSON.stringify(record)}\n`);
}

/** Writes a run's result, with the checksum of its journal. */
export function finish(directory: string, journal?: string): void {
  const [specId, choice] = ["0".repeat(64), { use: "x" }];
  const result = {
    ...{ name: "x", seed: 0, specId, cellId: digest({ specId, seed: 0 }), metrics: {}, seconds: 1, environment: {} },
    spec: { name: "x", dataset: choice, stream: choice, scenario: choice, learner: choice },
  };
  const sealed = seal({ ...result, journal }, sealOf);
  writeFileSync(join(directory, "result.json"), JSON.stringify(sealed));
}

/** A tracker that writes down what it is shown, and answers what it is told to: by default that all has arrived. */
export function recorder(answer: (runs: readonly TrackedRun[]) => Delivery = () => ({ pending: 0 })) {
  const shown: string[][] = [];
  let disposed = 0;
  const tracker: Tracker = {
    async sync(runs, { last }) {
      const names = runs.map(({ records, running }) => {
        const [first] = records;
        return `${first.type === "start" ? first.name : ""} ${records.length}${running ? " running" : ""}`;
      });
      shown.push([...names.toSorted(), ...(last ? ["last"] : [])]);
      return answer(runs);
    },
    dispose: () => void disposed++,
  };
  return { tracker, shown, disposed: () => disposed };
}
