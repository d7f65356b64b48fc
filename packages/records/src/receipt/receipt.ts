import type { Protocol, RunSpec } from "@everlearn/composition";
import type { Confusion, IntermediateEvaluation, Prequential } from "@everlearn/contracts";
import { sealOver } from "../seal.js";

/** The ways in which a cell can end with a result. All three are reproducible, bit for bit. */
export type Status = "finished" | "diverged" | "over-budget";

/**
 * A cell's result: a run's `result.json`, or a line of a packed file. Accuracies are fractions in [0, 1]. Optional
 * fields are absent from receipts of earlier versions, or where a run did not finish.
 */
export interface Receipt {
  /** The run; receipts of one name and different seeds belong together. */
  readonly name: string;
  readonly seed: number;
  /** SHA-256 (hex) of everything that can change a result but the seed. */
  readonly specId: string;
  /** SHA-256 (hex) of specId and seed. */
  readonly cellId: string;
  /** The spec with every option that it left open. */
  readonly spec: ReceiptSpec;
  /** The plugins by their place in the spec: "learner", "stream/of", "metrics/0". */
  readonly plugins?: Readonly<Record<string, ReceiptPlugin>>;
  /** SHA-256 (hex) of the rules of the suite that it was run for, as its file stated them. */
  readonly suite?: string;
  /** The seal of the trials by which its options were searched: a `Tuned` record beside it. */
  readonly tuning?: string;
  /** SHA-256 (hex) of the data set's examples. */
  readonly checksum?: string;
  /** Absent: finished. */
  readonly status?: Status;
  /** Why it is not finished, and where. */
  readonly message?: string;
  /** The accuracy of guessing among the outputs that a test example is judged among, mean over tasks. */
  readonly chance?: number;
  /** Task labels that were handed out: examples and queries that carried one, and ends of tasks that were told. */
  readonly taskLabels?: { readonly training: number; readonly test: number; readonly boundaries: number };
  /** R[i][j]: test accuracy on task j after experience i, E × T; null where it was not evaluated. */
  readonly accuracy: readonly (readonly (number | null)[])[];
  /** b[j]: test accuracy on task j before any training. */
  readonly initial: readonly (number | null)[];
  /** The tasks of each experience; absent: one each, in order. */
  readonly tasks?: readonly (readonly number[])[];
  /** The confusion matrix of each row of R, where the spec asks for it: see `Evaluations`. */
  readonly confusion?: readonly Confusion[];
  /** The linear probe's test accuracy on each task after each experience, where the spec asks for it: see `Evaluations`. */
  readonly probe?: readonly (readonly (number | null)[])[];
  /** The classes of each task, by their numbers in the stream; absent where there are too many to list. */
  readonly classes?: readonly (readonly number[])[];
  /** What the stream's classes are called, by their numbers, if the data set says so. */
  readonly classNames?: readonly string[];
  /** The evaluations within experiences. */
  readonly glances?: readonly IntermediateEvaluation[];
  /** What each training example's answer was worth before it was taught; absent where the spec does not ask for it. */
  readonly prequential?: Prequential;
  /**
   * The metrics by name, accuracies as fractions; null where a metric is not defined. Empty where the run did not
   * finish.
   */
  readonly metrics: Readonly<Record<string, number | null>>;
  /** The last evaluation's answers, task by task in the tasks' own order. */
  readonly predictions?: Predictions;
  /** Training examples of the stream. */
  readonly examples?: number;
  /** Gradients of one example's loss that were computed. */
  readonly gradients?: number;
  /** The most bytes that networks, optimizer, buffer and learner kept from one example to the next. */
  readonly bytes?: number;
  /**
   * What the learner's process took by the system's account, in which the learner has no say, as it has in `gradients` and
   * `bytes`: seconds on processors, and the most bytes of memory that it had, its engine's included.
   */
  readonly usage?: { readonly cpuSeconds: number; readonly peakBytes: number };
  /** Working time, pauses between a stop and a resume left out. */
  readonly seconds: number;
  /** SHA-256 (hex) over the final θ, R, the answers and intermediate evaluations; absent where it is not finished. */
  readonly digest?: string;
  /** SHA-256 (hex) of `weights.npy` beside it; absent where the run has no network, or did not finish. */
  readonly weights?: string;
  /** The checksum of the run's journal, see `Journal.sum`. */
  readonly journal?: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The source's commit, where it is known. */
  readonly commit?: string;
  /** See `sealOf`. */
  readonly seal?: string;
}

/** A receipt written by this version, with every field that its status allows. */
export interface Result extends Receipt {
  readonly spec: RunSpec & ReceiptSpec;
  readonly plugins: NonNullable<Receipt["plugins"]>;
  readonly checksum: string;
  readonly status: Status;
  readonly chance: number;
  readonly taskLabels: NonNullable<Receipt["taskLabels"]>;
  readonly tasks: NonNullable<Receipt["tasks"]>;
  readonly glances: NonNullable<Receipt["glances"]>;
  readonly examples: number;
  readonly gradients: number;
  readonly bytes: number;
  readonly seal: string;
}

/** A plugin that took part. */
export interface ReceiptPlugin {
  readonly name: string;
  readonly package: string;
  readonly version: string;
}

/** The answers of the last evaluation. */
export interface Predictions {
  readonly count: number;
  /** SHA-256 (hex) of the answers as little-endian uint16. */
  readonly sha256: string;
  /** The same bytes, deflated (raw, RFC 1951), in base64; packed receipts leave them out. */
  readonly deflated?: string;
}

/** The parts of a spec that tables and pages read. */
export interface ReceiptSpec {
  readonly name: string;
  readonly description?: string;
  /** The learner's name in tables; absent: the run's name. */
  readonly label?: string;
  /** Runs are compared and ranked within each of these; absent: one setting, the suite's. */
  readonly settings?: readonly string[];
  /** The suite's rules. */
  readonly protocol?: Protocol;
  readonly dataset: { readonly use: string };
  readonly stream: { readonly use: string };
  readonly scenario: { readonly use: string };
  readonly learner: { readonly use: string };
  readonly buffer?: { readonly use: string; readonly capacity?: number };
  readonly [field: string]: unknown;
}

/**
 * The seal that a receipt must have: over everything, but of its predictions the hash only, so that a packed receipt has the
 * same. It tells damage, not truth: only a run of the same cell can tell that.
 */
export function sealOf(receipt: object): string {
  const { predictions, ...rest } = receipt as { readonly predictions?: Partial<Predictions> };
  const { deflated: _, ...hash } = predictions ?? {};
  return sealOver(predictions === undefined ? rest : { ...rest, predictions: hash });
}

/** Whether a receipt is auxiliary: of a trial in a search for options, or of a canary of the honesty checks. */
export function isAuxiliary({ seed, spec }: Receipt): boolean {
  if ("canary" in spec) return true;
  const tuning = spec.protocol?.tuning;
  return tuning?.protocol === "search" && tuning.seeds.includes(seed);
}
