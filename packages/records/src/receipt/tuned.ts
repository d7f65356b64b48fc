/** The sealed trials of a search, in the order of its points: `tuning.json`. Receipts name its seal. */
export interface Tuned {
  readonly run: string;
  readonly seeds: readonly number[];
  /** The number of points of the whole space. */
  readonly space: number;
  readonly points: readonly TunedPoint[];
  /** The place of the one with the highest mean; of equals, the first. */
  readonly chosen: number;
  readonly seal?: string;
}

/** A point of a search, with what its trials found. */
export interface TunedPoint {
  readonly id: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly specId: string;
  /** The trials' own, where they ran on other data than official cells; absent: the same. */
  readonly trialSpecId?: string;
  /**
   * On each seed, a fraction: that of guessing where the trial diverged or used more than its budget. The prequential accuracy
   * where no task is tested.
   */
  readonly retainedAccuracy: readonly number[];
  readonly mean: number;
  /** The trials by seed: their cells, and the digests of those that finished. */
  readonly trials?: readonly { readonly cellId: string; readonly digest: string | null }[];
}
