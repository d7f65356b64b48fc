import { createHash } from "node:crypto";
import { cpus } from "node:os";
import type { Evaluations } from "@everlearn/contracts";
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
  /** SHA-256 over the final θ in canonical order, R and the last evaluation's answers: equal runs, equal bits. */
  readonly digest: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Numbers go in as little-endian float32 (θ), float64 (R) and uint16 (answers). */
export function digestOf(
  theta: Float32Array,
  accuracy: readonly (readonly number[])[],
  predictions: Uint16Array,
): string {
  const hash = createHash("sha256");
  for (const array of [theta, Float64Array.from(accuracy.flat()), predictions])
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
