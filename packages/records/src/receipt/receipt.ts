import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import type { Evaluations, Glance } from "@everlearn/contracts";
import { type Cell, digest } from "@everlearn/host";
import { otherRun } from "./checkpoint.js";
import { RunError, type Verdict } from "./error.js";
import { withFile, writeFile } from "./file.js";

/** What a run that came to an end says; `result.json`. Accuracies are fractions in [0, 1]. */
export interface Result extends Evaluations {
  readonly name: string;
  readonly seed: number;
  readonly specId: string;
  readonly cellId: string;
  /** The spec with every option that it left open. */
  readonly spec: Cell["spec"];
  /** By their place in the spec. */
  readonly plugins: Cell["plugins"];
  /** SHA-256 of the data set's examples. */
  readonly checksum: string;
  /** Diverged and over budget are results too: the same cell ends so each time. Its rows of R and metrics are missing. */
  readonly status: "finished" | Verdict;
  /** Why it is not finished, and where. */
  readonly message?: string;
  /** The accuracy of guessing among the outputs that a test example is judged among, mean over tasks. */
  readonly chance: number;
  readonly taskLabels: TaskLabels;
  readonly metrics: Readonly<Record<string, number | null>>;
  /** The last evaluation's answers; absent where the run is not finished. */
  readonly predictions?: Predictions;
  /** Training examples of the stream. */
  readonly examples: number;
  /** Working time, pauses between a stop and a resume left out. */
  readonly seconds: number;
  /** SHA-256 over the final θ in canonical order, R, the last evaluation's answers, the glances: equal runs, equal bits. */
  readonly digest?: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Of the source, where it is known. */
  readonly commit?: string;
  /** See `sealOf`. */
  readonly seal: string;
}

/** Task labels that were handed to the learner: examples and queries that carried one, ends of tasks that it was told. */
export interface TaskLabels {
  readonly training: number;
  readonly test: number;
  readonly boundaries: number;
}

/** The answers of the last evaluation. */
export interface Predictions {
  readonly count: number;
  /** Of the answers as little-endian uint16, task by task in the tasks' own order. */
  readonly sha256: string;
  /** The same bytes, deflated (RFC 1951), in base64. */
  readonly deflated?: string;
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
  for (const array of [theta, floats(accuracy.flat()), predictions, floats(seen)]) hash.update(bytesIn(array));
  return hash.digest("hex");
}

export function packed(predictions: Uint16Array): Predictions {
  const bytes = bytesIn(predictions);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { count: predictions.length, sha256, deflated: deflateRawSync(bytes).toString("base64") };
}

/**
 * SHA-256 of the canonical JSON of a result without its seal, and of its predictions the hash only, so that a compact
 * receipt has the same. It tells damage, not truth: that only a run of the same cell can tell.
 */
export function sealOf(result: Readonly<Record<string, unknown>>): string {
  const { seal: _, predictions, ...rest } = result;
  const { deflated: __, ...hash } = (predictions ?? {}) as Partial<Predictions>;
  return digest({ ...rest, ...(predictions === undefined ? {} : { predictions: hash }) });
}

/** Writes a result into its run's folder, sealed. */
export function writeResult(directory: string, result: Omit<Result, "seal">): Result {
  // What is sealed is what can be read back: −0 is 0 there, and an absent value has no key.
  const plain = JSON.parse(JSON.stringify(result)) as Omit<Result, "seal">;
  const sealed: Result = { ...plain, seal: sealOf({ ...plain }) };
  writeFile(join(directory, "result.json"), `${JSON.stringify(sealed, null, 2)}\n`);
  return sealed;
}

/** The result of a run of this cell in a folder, if it came to an end. @throws RunError where it is another's */
export function readResult(directory: string, cell: Cell): Result | undefined {
  const path = join(directory, "result.json");
  if (!existsSync(path)) return undefined;
  let result: Result | null;
  try {
    result = JSON.parse(withFile("read", path, () => readFileSync(path, "utf8"))) as Result | null;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new RunError(`The result "${path}" is damaged; delete it and --resume makes it again.`, { cause: error });
  }
  if (result?.cellId !== cell.cellId) throw otherRun(path);
  return result;
}

export function environment(): Record<string, string> {
  return {
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    processor: cpus()[0]?.model.trim() ?? "unknown",
  };
}

function bytesIn(array: Float32Array | Float64Array | Uint16Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
