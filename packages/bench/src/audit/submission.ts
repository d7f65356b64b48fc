import { createHash } from "node:crypto";
import type { PlanRecord, RunSpec } from "@everlearn/composition";
import { digest } from "@everlearn/digest";
import { type Receipt, type RerunEntry, vouchedHash } from "@everlearn/records";
import { scoreOf } from "../score.js";

/** A run at one seed that is to be audited: of a receipt, or of a spec that has none. */
export interface Submission {
  readonly run: RunSpec;
  readonly seed: number;
  /** Its file. */
  readonly where: string;
  /** Absent: nothing was declared. */
  readonly receipt?: Receipt;
  /** Whether the organiser trusts it, so that others are compared with it. */
  readonly reference: boolean;
}

/** What a run measured. */
export interface Measure {
  /** A fraction; of a run that did not finish, that of guessing. */
  readonly score: number;
  /** That of guessing. */
  readonly chance: number;
  /** The number of test examples that the tasks certainly do not share; null where the run does not tell. */
  readonly questions: number | null;
  /** Training examples; null where the run does not tell. */
  readonly examples: number | null;
  readonly digest: string | null;
}

/** What came out when a submission was run again on its own data. */
export interface PublicRerun extends Pick<RerunEntry, "outcome" | "differences" | "identity"> {
  /** Null where it was not run. */
  readonly measure: Measure | null;
}

/** A submission that was run on secret data. */
export interface AuditedCell {
  readonly submission: Submission;
  /** Of the run on its own data; null where it could not be planned. */
  readonly specId: string | null;
  /** Submissions that can be compared share it: data set, stream, scenario and evaluation. */
  readonly conditions: string | null;
  /** As the receipt says; null where there is none. */
  readonly declared: Measure | null;
  /** Null where that was not asked for. */
  readonly rerun: PublicRerun | null;
  /** Null where it could not be run. */
  readonly secret: Measure | null;
  /** Why something was not run, a sentence each. */
  readonly problems: readonly string[];
}

/** What a result measured; null where it does not say. */
export function measureOf(result: Receipt): Measure | null {
  const { chance = 0, predictions, accuracy, examples = null } = result;
  const score = scoreOf({ ...result, chance });
  if (score === null) return null;
  const tasks = accuracy?.[0]?.length ?? 0;
  // Tasks such as rotations ask about the same examples again.
  const questions = predictions && tasks > 0 ? Math.floor(predictions.count / tasks) : null;
  return { score, chance, questions, examples, digest: result.digest ?? null };
}

/** A hash of all that two runs must share to be compared. */
export function conditionsOf({ spec: { dataset, stream, scenario, evaluation } }: PlanRecord): string {
  return digest({ dataset, stream, scenario, evaluation });
}

/** The name of a submission's folder: two may have one name, or one specId. */
export function folderOf({ run, seed, receipt, where }: Submission, specId: string): string {
  const own = receipt ? vouchedHash(receipt) : createHash("sha256").update(where).digest("hex");
  return `${run.name}-${specId.slice(0, 12)}-${own.slice(0, 12)}/seed-${seed}`;
}
