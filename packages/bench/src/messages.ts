import type { Choice, PlanRecord, RunSpec } from "@everlearn/composition";
import type { Exit } from "@everlearn/isolation";
import type { FoundReceipt, Result } from "@everlearn/records";
import type { Progress } from "@everlearn/runner";
import type { Honesty } from "./honesty.js";
import type { TrustedCode } from "./trusted-code.js";
import type { PlannedReceipt } from "./plan-receipt.js";
import type { CellRequest, CheckRequest, PlannedRun, PlanRequest } from "./request.js";

/** The folders of a worker process: for results, of plugins and of data sets. */
export interface WorkerPlaces {
  /** The folder for results. */
  readonly out: string;
  /** The folders in which plugins are looked for after a spec's own folder. */
  readonly from: readonly string[];
  /** The folder of data sets. */
  readonly data?: string | undefined;
}

/** A message to a worker process: its folders, one task at a time, and the request to stop the task under way. */
export type Message =
  | { readonly type: "places"; readonly places: WorkerPlaces }
  | { readonly type: "plan"; readonly request: PlanRequest }
  | { readonly type: "run"; readonly request: CellRequest; readonly plan: PlanRecord }
  | { readonly type: "check"; readonly request: CheckRequest; readonly plan: PlanRecord }
  | { readonly type: "plan receipt"; readonly request: VerifyRequest }
  | { readonly type: "plan submission"; readonly request: SubmissionRequest }
  | { readonly type: "load data"; readonly data: SecretData }
  | { readonly type: "run on data"; readonly request: CellRequest; readonly plan: PlanRecord; readonly data: KnownData }
  | { readonly type: "stop" };

/** A receipt that is to be run again, and the code that may run for it. */
interface VerifyRequest {
  readonly found: FoundReceipt;
  readonly options: TrustedCode;
}

/** A stranger's run, and the code that may run for it. */
interface SubmissionRequest {
  readonly run: RunSpec;
  /** Its file. */
  readonly where: string;
  readonly options: TrustedCode;
}

/** A data set that only an organiser knows. It is told to processes alone that run none of the learner's code. */
export interface SecretData {
  readonly choice: Choice;
  /** The folders in which its plugin is looked for. */
  readonly from: readonly string[];
}

/** Such a data set whose examples are known, and what stands for it in whatever is recorded. */
export interface KnownData extends SecretData {
  readonly checksum: string;
  readonly alias: string;
}

/** A task for a worker process. */
export type Task = Exclude<Message, { type: "places" | "stop" }>;

/** A message from a worker process. */
export type Reply =
  | { readonly type: "ready" }
  | { readonly type: "progress"; readonly progress: Progress }
  | { readonly type: "planned"; readonly planned: PlannedRun; readonly plan: PlanRecord }
  | { readonly type: "refused"; readonly problems: readonly string[]; readonly stack: string }
  | { readonly type: "ended"; readonly result: Result }
  | { readonly type: "data loaded"; readonly checksum: string }
  | { readonly type: "checked"; readonly honesty: Honesty }
  /** Without a plan where the receipt's run cannot be put together, or is another one. */
  | ({ readonly type: "receipt planned"; readonly plan?: PlanRecord } & Omit<PlannedReceipt, "planned">)
  /** The learner's own process ended, and the cell with it. */
  | { readonly type: "learner exited"; readonly exit: Exit }
  | { readonly type: "failed"; readonly message: string; readonly outOfMemory: boolean; readonly stack: string }
  | { readonly type: "locked"; readonly message: string }
  | { readonly type: "stopped" };
