import type { JournalRecord } from "@everlearn/contracts";
import { keyOf, tagOf } from "./names.js";

/** A value of a metric: MLflow keeps one for each key, step and time. */
export interface Point {
  readonly key: string;
  readonly value: number;
  /** Training examples so far. */
  readonly step: number;
  /** Milliseconds since 1970, as the journal has it: whenever it is sent, it is the same point. */
  readonly timestamp: number;
}

/** What a journal's records say in numbers. */
export interface Points {
  /** In the records' order; grows. */
  readonly all: readonly Point[];
  /** Values that are no finite numbers, which MLflow's pages cannot show: what to say of each key in a tag. */
  readonly notFinite: ReadonlyMap<string, string>;
  /** Takes the records that came since the last call. */
  read(records: readonly JournalRecord[]): void;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

export function createPoints(): Points {
  const all: Point[] = [];
  const notFinite = new Map<string, string>();
  let [read, examples, tasks]: [number, number, readonly (readonly number[])[]] = [0, 0, []];
  const seen: number[] = []; // the mean accuracy on the tasks so far, of each evaluation after training began

  function add(time: string, name: string, value: number | string | null): void {
    const key = keyOf(name);
    if (typeof value === "number" && Number.isFinite(value))
      all.push({ key, value, step: examples, timestamp: Date.parse(time) });
    else if (value !== null) {
      const before = notFinite.get(key);
      notFinite.set(key, tagOf(`${before === undefined ? "" : `${before}, `}${value} at step ${examples}`));
    }
  }

  function addTasks(time: string, kind: string, accuracy: readonly (number | null)[]): void {
    const width = String(accuracy.length - 1).length;
    for (const [task, value] of accuracy.entries())
      add(time, `${kind}/task_${String(task).padStart(width, "0")}`, value);
  }

  function take(record: JournalRecord): void {
    if ("examples" in record) examples = record.examples;
    const { time } = record;
    if (record.type === "start") tasks = record.tasks;
    if (record.type === "evaluation") {
      addTasks(time, "accuracy", record.accuracy);
      if (record.after === null) return;
      const come = new Set(tasks.slice(0, record.after + 1).flat());
      const known = record.accuracy.filter((value, task): value is number => come.has(task) && value !== null);
      if (known.length === 0) return;
      seen.push(mean(known));
      add(time, "accuracy/seen", seen[seen.length - 1]);
      add(time, "accuracy/seen_average", mean(seen));
    }
    if (record.type === "glance") {
      addTasks(time, "glance", record.accuracy);
      add(time, "glance/seen", mean(record.accuracy.filter((value) => value !== null)));
    }
    if (record.type === "training") {
      add(time, "training/loss", record.loss);
      add(time, "training/examples_per_second", record.examplesPerSecond);
    }
    if (record.type === "end") for (const [name, value] of Object.entries(record.metrics)) add(time, name, value);
  }

  return {
    all,
    notFinite,
    read(records) {
      for (; read < records.length; read++) take(records[read]);
    },
  };
}
