import { createHash } from "node:crypto";
import { cpus } from "node:os";
import type { Evaluations, Glance } from "@everlearn/contracts";
import type { Cell } from "@everlearn/host";

/** What a finished run says; `result.json`. Accuracies are fractions in [0, 1]. */
export interface Result extends Evaluations {
  readonly name: string;
  readonly seed: number;
  readonly specId: string;
  readonly cellId: string;
  /** The spec with every option that it left open. */
  readonly spec: Cell["spec"];
  readonly metrics: Readonly<Record<string, number | null>>;
  /** Training examples of the stream. */
  readonly examples: number;
  /** Working time, pauses between a stop and a resume left out. */
  readonly seconds: number;
  /** SHA-256 over the final θ in canonical order, R, the last evaluation's answers, the glances: equal runs, equal bits. */
  readonly digest: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Numbers go in as little-endian float32 (θ), float64 (R, glances; −1 for an accuracy left out) and uint16 (answers). */
export function digestOf(
  theta: Float32Array,
  accuracy: readonly (readonly (number | null)[])[],
  predictions: Uint16Array,
  glances: readonly Glance[],
): string {
  const hash = createHash("sha256");
  const floats = (values: readonly (number | null)[]) => Float64Array.from(values, (value) => value ?? -1);
  const seen = glances.flatMap(({ experience, examples, accuracy }) => [experience, examples, ...accuracy]);
  for (const array of [theta, floats(accuracy.flat()), predictions, floats(seen)])
    hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  return hash.digest("hex");
}

export function environment(): Record<string, string> {
  return {
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    processor: cpus()[0]?.model.trim() ?? "unknown",
  };
}
