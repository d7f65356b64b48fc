import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { JournalRecord } from "@everlearn/contracts";
import { journalOf } from "../cli/everlearn.js";
import { type Entry, ordered } from "./reading.js";

type Start = Extract<JournalRecord, { type: "start" }>;

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * What a journal says in numbers, in the plainest way: each metric's values. Of values that are no finite numbers,
 * there are none.
 */
export function metricsOf(directory: string): Record<string, Entry[]> {
  const metrics: Record<string, Entry[]> = {};
  const records = journalOf(directory);
  const { tasks } = records[0] as Start;
  const seen: number[] = [];
  let step = 0;
  for (const record of records) {
    const add = (key: string, value: unknown) => {
      if (typeof value === "number") (metrics[key] ??= []).push([step, value, Date.parse(record.time)]);
    };
    const each = (kind: string, accuracy: readonly (number | null)[]) => {
      const digits = accuracy.length > 10 ? 2 : 1;
      for (const [task, value] of accuracy.entries()) add(`${kind}/task_${String(task).padStart(digits, "0")}`, value);
    };
    if ("examples" in record) step = record.examples;
    if (record.type === "evaluation") {
      each("accuracy", record.accuracy);
      if (record.after === null) continue;
      const so = new Set(tasks.slice(0, record.after + 1).flat());
      seen.push(mean(record.accuracy.filter((value, task) => so.has(task) && value !== null) as number[]));
      add("accuracy/seen", seen[seen.length - 1]);
      add("accuracy/seen_average", mean(seen));
    } else if (record.type === "glance") {
      each("glance", record.accuracy);
      add("glance/seen", mean(record.accuracy.filter((value) => value !== null)));
    } else if (record.type === "training") {
      add("training/loss", record.loss);
      add("training/examples_per_second", record.examplesPerSecond);
    } else if (record.type === "end") for (const [name, value] of Object.entries(record.metrics)) add(name, value);
  }
  return Object.fromEntries(Object.entries(metrics).map(([key, entries]) => [key, ordered(entries)]));
}

/** The number of values. */
export const countOf = (metrics: Readonly<Record<string, readonly Entry[]>>): number =>
  Object.values(metrics).reduce((sum, entries) => sum + entries.length, 0);

/** The files that a run left, but for what trackers keep there. */
export const filesOf = (directory: string): Record<string, Buffer> =>
  Object.fromEntries(
    readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(?:jsonl?|svg|npy)$/.test(entry.name))
      .map(({ name }) => [name, readFileSync(join(directory, name))]),
  );

export const startOf = (directory: string): Start => journalOf(directory)[0] as Start;
