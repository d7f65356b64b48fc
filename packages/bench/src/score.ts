import type { Receipt } from "@everlearn/records";

/**
 * The accuracy that a run is ranked by, a fraction: its retained accuracy or, where no task was tested, its prequential
 * accuracy; that of guessing where it did not finish, null where it has none.
 */
export function scoreOf({
  status = "finished",
  metrics,
  chance,
}: Pick<Receipt, "status" | "metrics"> & { readonly chance?: number | null | undefined }): number | null {
  return status === "finished" ? (metrics.retainedAccuracy ?? metrics.prequentialAccuracy ?? null) : (chance ?? null);
}
