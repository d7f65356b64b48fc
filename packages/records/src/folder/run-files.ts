/** The files in a run's folder, `OUT/<name>/seed-<n>`. */
export const runFiles = {
  journal: "journal.jsonl",
  checkpoint: "checkpoint.bin",
  result: "result.json",
  /** Why there is no result yet. */
  status: "status.json",
  /** The final θ, as NumPy reads it. */
  weights: "weights.npy",
  /** A picture of R. */
  picture: "accuracy.svg",
} as const;
