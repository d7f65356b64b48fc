import type { RunResult } from "./result.js";

/** How a cell ended. All three are results: they come again, bit for bit, when the cell is run again. */
export type Status = "finished" | "diverged" | "over-budget";

/**
 * What a cell says of itself: a run's `result.json`, or a line of a compact file of receipts. Accuracies are fractions in
 * [0, 1]. `metricOf` says what a cell that is not finished scores.
 */
export interface Receipt extends RunResult {
  /** SHA-256 (hex) of everything that can change a result but the seed. */
  readonly specId: string;
  /** SHA-256 (hex) of specId and seed. */
  readonly cellId: string;
  /** The spec with every option that it left open. */
  readonly spec: ReceiptSpec;
  /** The plugins by their place in the spec: "learner", "stream/of", "metrics/0"; absent in receipts of old. */
  readonly plugins?: Readonly<Record<string, ReceiptPlugin>>;
  /** SHA-256 (hex) of the data set's examples; absent in receipts of old. */
  readonly checksum?: string;
  readonly status?: Status;
  /** Why it is not finished, and where. */
  readonly message?: string;
  /** Task labels that were handed out: examples and queries that carried one, and ends of tasks that were told. */
  readonly taskLabels?: { readonly training: number; readonly test: number; readonly boundaries: number };
  /** The last evaluation's answers, task by task in the tasks' own order. */
  readonly predictions?: ReceiptPredictions;
  /** Training examples of the stream. */
  readonly examples?: number;
  /** Gradients of one example's loss. */
  readonly gradients?: number;
  /** The most bytes of model, buffer and learner state after an experience. */
  readonly bytes?: number;
  /** Working time. */
  readonly seconds: number;
  /** SHA-256 (hex) over the final θ, R, the answers and glances; absent where it is not finished. */
  readonly digest?: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The source's commit, where it is known. */
  readonly commit?: string;
  /** SHA-256 (hex) of the canonical JSON (RFC 8785) of all the rest: says that nothing was damaged, not that it is true. */
  readonly seal?: string;
}

/** A plugin that took part. */
export interface ReceiptPlugin {
  readonly name: string;
  readonly package: string;
  readonly version: string;
}

/** The answers of the last evaluation. */
export interface ReceiptPredictions {
  readonly count: number;
  /** SHA-256 (hex) of the answers as little-endian uint16. */
  readonly sha256: string;
  /** The same bytes, deflated (raw, RFC 1951), in base64; compact receipts leave them out. */
  readonly deflated?: string;
}

/** The parts of a spec that tables and pages read. */
export interface ReceiptSpec {
  readonly name: string;
  readonly description?: string;
  /** What the learner is called in tables; absent: the run's name. */
  readonly label?: string;
  /** Within each of these runs are compared and ranked; absent: one setting, the suite's. */
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

/** What a suite demands of its runs. */
export interface Protocol {
  /** The suite's name, a title for its page, and what it is about in a paragraph. */
  readonly suite?: string;
  readonly title?: string;
  /** closed: within a setting, data set, stream, scenario, network, optimizer and batch size are the same for all; open: free. */
  readonly track?: "closed" | "open";
  /** The least difference of mean retained accuracy, a fraction, that gives two learners different ranks. */
  readonly minimumEffect?: number;
  /** What a cell may use: gradients for each training example of the stream; bytes of model, buffer and learner; seconds; bytes of memory of its process. */
  readonly budget?: {
    readonly gradientsPerExample?: number;
    readonly bytes?: number;
    readonly seconds?: number;
    readonly memory?: number;
  };
  /** How the options were chosen. */
  readonly tuning?:
    | { readonly protocol: "none" }
    | { readonly protocol: "published"; readonly source: string }
    | {
        readonly protocol: "search";
        readonly trials: number;
        /** Disjoint from the official ones. */
        readonly seeds: readonly number[];
        /** By run name, the values to try: paths of options such as "learner/alpha". */
        readonly space: Readonly<Record<string, Readonly<Record<string, readonly unknown[]>>>>;
      };
}
