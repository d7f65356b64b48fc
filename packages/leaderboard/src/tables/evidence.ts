/** A new run of a cell by somebody who reports on it. */
export interface Rerun {
  readonly reproduced: boolean;
  /** The fingerprint of the key that signed the report; null: nobody signed it. */
  readonly signer: string | null;
}

/** What an organiser reports of a run on data that nobody else knew. */
export interface Audited {
  /** Whether it does there as well as it should; otherwise it loses more than learners that are trusted. */
  readonly holds: boolean;
  /** A sentence, or several. */
  readonly why: string;
  /** The mean retained accuracy there, a fraction. */
  readonly secret: number | null;
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
