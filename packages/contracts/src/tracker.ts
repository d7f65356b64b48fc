import type { Confusion } from "./metric.js";

/** One line of a run's journal. `time` is when it was first recorded (ISO 8601); it never changes. */
export type JournalRecord =
  | {
      type: "start";
      time: string;
      name: string;
      specId: string;
      cellId: string;
      seed: number;
      /** The spec with every option, defaults included; of trackers only their names. */
      spec: unknown;
      /** By their place in the spec. */
      plugins: Readonly<Record<string, { readonly name: string; readonly package: string; readonly version: string }>>;
      /** SHA-256 of the data set's examples. */
      checksum: string;
      /** The tasks that each experience has examples of, ascending. */
      tasks: readonly (readonly number[])[];
      /** The classes of each task, by their numbers in the stream; absent where there are too many to list. */
      classes?: readonly (readonly number[])[];
      /** What the stream's classes are called, by their numbers, if the data set says so. */
      classNames?: readonly string[];
      /** The source's commit, if it is known. */
      commit?: string;
    }
  | {
      type: "evaluation";
      time: string;
      after: number | null;
      examples: number;
      accuracy: readonly (number | null)[];
      /** Only where the spec asks for it, and not before training. */
      confusion?: Confusion;
      /** The row of the linear probe's accuracies; where and when it is there as `confusion` is. */
      probe?: readonly (number | null)[];
    }
  | { type: "glance"; time: string; experience: number; examples: number; accuracy: readonly (number | null)[] }
  | {
      type: "prequential";
      time: string;
      experience: number;
      /** Training examples up to the end of this window. */
      examples: number;
      accuracy: number;
      kappa: number | null;
      kappaM: number | null;
    }
  | {
      type: "training";
      time: string;
      experience: number;
      examples: number;
      /**
       * The mean, over the batches since the last such record, of the last loss that the network found in each, in nats. It
       * is a string if it is not finite, and null if no loss was computed.
       */
      loss: number | "NaN" | "Infinity" | "-Infinity" | null;
      /** Training examples per second of training since then. It is a measurement: other runs will differ. */
      examplesPerSecond: number;
    }
  | { type: "end"; time: string; metrics: Readonly<Record<string, number | null>>; digest: string }
  | { type: "failed"; time: string; message: string };

/** A run as a tracker finds it: a folder with the run's journal and other files. */
export interface TrackedRun {
  /**
   * Holds `journal.jsonl` and, once the run has ended, `result.json`, `accuracy.svg` and `weights.npy`. Its subfolder `sync`,
   * which exists, is where a tracker keeps what it has to remember about the run.
   */
  readonly directory: string;
  /** The journal so far, from the start. */
  readonly records: readonly JournalRecord[];
  /** Whether a process is working on it. */
  readonly running: boolean;
}

/** The outcome of a call of `sync`. */
export interface Delivery {
  /** How many things, such as values or files, have not arrived; 0 if everything has. */
  readonly pending: number;
  /** Why they have not: a sentence for the user. */
  readonly problem?: string;
}

/** Shows runs where people look at them. It reads what runs left, in a process of its own, and changes no run. */
export interface Tracker {
  /**
   * Sends what is new in these runs. It is called again and again while they continue, and by `everlearn sync`. A repeated
   * call changes nothing, and one that was cut short, because its process was killed, is completed by the next. It rejects
   * only for mistakes that repeating the call cannot fix.
   * @param options `last`: no other run is about to start
   */
  sync(runs: readonly TrackedRun[], options: { readonly last: boolean }): Promise<Delivery>;
  /** Frees everything. */
  dispose?(): void | Promise<void>;
}
