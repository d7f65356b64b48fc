import type { Assignment } from "./assignment.js";
import type { SyncStatus } from "./syncer.js";

/** A message to the tracker process: first "start", which it answers with "ready" or "refused", in the end "finish". */
export type Request =
  | { readonly type: "start"; readonly folder: string; readonly assignments: readonly Assignment[] }
  | { readonly type: "finish" };

/** A message from the tracker process: a status after every pass, and "done" once everything has arrived. */
export type Reply =
  | { readonly type: "ready" }
  | { readonly type: "refused"; readonly message: string }
  | { readonly type: "status"; readonly status: SyncStatus }
  | { readonly type: "done" };
