import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Start } from "./description.js";

/** A file that MLflow gets as an artifact. */
export interface File {
  readonly name: string;
  readonly content: Uint8Array<ArrayBuffer>;
  readonly sha256: string;
}

/** Files of a run's folder that are sent as they are, where they are there. */
const kept = ["journal.jsonl", "result.json", "accuracy.svg", "weights.npy"] as const;

/** What a run leaves: its spec, its receipt, its journal, R as a picture and as JSON, its weights. */
export function filesOf(directory: string, start: Start): File[] {
  const files = [file("spec.json", json(start.spec))];
  for (const name of kept) {
    const path = join(directory, name);
    if (!existsSync(path)) continue;
    const content = new Uint8Array(readFileSync(path));
    files.push(file(name, content));
    if (name === "result.json") files.push(file("accuracy.json", matrix(content)));
  }
  return files;
}

/** R, b and the tasks of R's rows. */
function matrix(result: Uint8Array): Uint8Array<ArrayBuffer> {
  const { accuracy, initial, tasks } = JSON.parse(Buffer.from(result).toString("utf8")) as Record<string, unknown>;
  return json({ accuracy, initial, tasks });
}

const json = (value: unknown): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);

const file = (name: string, content: Uint8Array<ArrayBuffer>): File => ({
  name,
  content,
  sha256: createHash("sha256").update(content).digest("hex"),
});
