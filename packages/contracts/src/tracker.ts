/** One line of a run's journal; `time` is when it was recorded (ISO 8601), frozen there. */
export type JournalRecord =
  | { type: "start"; time: string; name: string; specId: string; cellId: string; seed: number; spec: unknown }
  | { type: "evaluation"; time: string; after: number | null; examples: number; accuracy: readonly (number | null)[] }
  | { type: "glance"; time: string; experience: number; examples: number; accuracy: readonly (number | null)[] }
  | { type: "end"; time: string; metrics: Readonly<Record<string, number | null>>; digest: string }
  | { type: "failed"; time: string; message: string };

/** Where a run's records go after they are safe in its journal. */
export interface Tracker {
  /** Takes one record; the run goes on when its promise is fulfilled. */
  record(record: JournalRecord): void | Promise<void>;
  /** Sends what is left and lets go of everything. */
  dispose?(): void | Promise<void>;
}
