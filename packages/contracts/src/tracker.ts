/** One line of a run's journal; `time` is when it was recorded (ISO 8601), frozen there. */
export type JournalRecord =
  | {
      type: "start";
      time: string;
      name: string;
      specId: string;
      cellId: string;
      seed: number;
      /** The spec with every option that it left open; of trackers only their names. */
      spec: unknown;
      /** By their place in the spec. */
      plugins: Readonly<Record<string, { readonly name: string; readonly package: string; readonly version: string }>>;
      /** SHA-256 of the data set's examples. */
      checksum: string;
      /** The tasks that each experience has examples of, ascending. */
      tasks: readonly (readonly number[])[];
      /** Of the source, where it is known. */
      commit?: string;
    }
  | { type: "evaluation"; time: string; after: number | null; examples: number; accuracy: readonly (number | null)[] }
  | { type: "glance"; time: string; experience: number; examples: number; accuracy: readonly (number | null)[] }
  | {
      type: "training";
      time: string;
      experience: number;
      examples: number;
      /**
       * The mean, over the batches since the last such record, of the loss that the network found last in each, in nats;
       * a string where it is not finite, null where the network says none.
       */
      loss: number | "NaN" | "Infinity" | "-Infinity" | null;
      /** Training examples per second of training since then: a measurement, which no other run repeats. */
      examplesPerSecond: number;
    }
  | { type: "end"; time: string; metrics: Readonly<Record<string, number | null>>; digest: string }
  | { type: "failed"; time: string; message: string };

/** A run as a tracker finds it: a folder with its journal, and what else the run left there. */
export interface TrackedRun {
  /**
   * Holds `journal.jsonl`, and once the run has ended `result.json`, `accuracy.svg` and `weights.npy`. Whatever a tracker
   * has to remember of the run it keeps in the folder `sync` therein, which is there.
   */
  readonly directory: string;
  /** The journal so far: the start first. */
  readonly records: readonly JournalRecord[];
  /** Whether a process is at work on it. */
  readonly running: boolean;
}

/** What a call of `sync` came to. */
export interface Delivery {
  /** How many things have not arrived, such as values or files; 0: all is there. */
  readonly pending: number;
  /** Why not: a sentence for the user. */
  readonly problem?: string;
}

/** Brings runs to where people look at them. It reads what they left, in a process of its own, and changes no run. */
export interface Tracker {
  /**
   * Brings over what is new in these runs. It is called again and again while runs go on, and by `everlearn sync`; a
   * second call changes nothing, and one that was cut short, its process killed, is finished by the next. It rejects only
   * for mistakes that no repetition mends.
   * @param options `last`: no other run of theirs is about to start
   */
  sync(runs: readonly TrackedRun[], options: { readonly last: boolean }): Promise<Delivery>;
  /** Lets go of everything. */
  dispose?(): void | Promise<void>;
}
