/** What came out when submissions were run on data that only their organiser knew. */
export interface AuditReport {
  /** See `commitmentOf`. */
  readonly commitment: string;
  readonly submissions: readonly AuditEntry[];
}

/** What an audit says of a submission: whether it does on secret data as its results on public data promise. */
export const judgements = ["holds", "falls", "unclear"] as const;

/** What an audit came to for one submission. Accuracies are retained accuracies, fractions; means are over the cells. */
export interface AuditEntry {
  readonly name: string;
  /** Of its run on the public data; null where it could not be planned. */
  readonly specId: string | null;
  /** Whether the organiser trusts it, so that others are compared with it. */
  readonly reference: boolean;
  readonly cells: readonly AuditedCellEntry[];
  /** The means: as declared, as run again on the public data, and on the secret data. */
  readonly declared: number | null;
  readonly rerun: number | null;
  readonly secret: number | null;
  /** What it loses on secret data; and how much more that is than the reference loses that loses most. */
  readonly gap: number | null;
  readonly excess: number | null;
  /** What chance explains of the excess. */
  readonly noise: number | null;
  readonly judgement: (typeof judgements)[number];
  /** A sentence, or several. */
  readonly why: string;
}

/** A submission at one seed. */
export interface AuditedCellEntry {
  readonly seed: number;
  /** See `vouchedHash`; null where there is no receipt. */
  readonly vouched: string | null;
  readonly declared: number | null;
  readonly rerun: number | null;
  readonly secret: number | null;
  /** The digest of the run on secret data. */
  readonly digest: string | null;
  /** Why something was not run, or is not as it was declared. */
  readonly problems: readonly string[];
}

/** Whether a value has the form of an audit, as far as it is read. */
export function isAudit(value: unknown): value is AuditReport {
  const { commitment, submissions } = (value ?? {}) as { commitment?: unknown; submissions?: unknown };
  return typeof commitment === "string" && Array.isArray(submissions) && submissions.every(isEntry);
}

function isEntry(value: Partial<AuditEntry> | null): boolean {
  return (
    judgements.some((one) => one === value?.judgement) &&
    typeof value?.why === "string" &&
    Array.isArray(value.cells) &&
    value.cells.every((cell: Partial<AuditedCellEntry> | null) => ["string", "object"].includes(typeof cell?.vouched))
  );
}
