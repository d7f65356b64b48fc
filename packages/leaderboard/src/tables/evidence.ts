/** A new run of a cell by somebody who reports on it. */
export interface Rerun {
  readonly reproduced: boolean;
  /** The fingerprint of the key that signed the report; null: nobody signed it. */
  readonly signer: string | null;
}

/** An honesty check of a run, by name. */
export interface CheckResult {
  readonly name: string;
  readonly passed: boolean;
  /** The file that says so. */
  readonly where: string;
}
