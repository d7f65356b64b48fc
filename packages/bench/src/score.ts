import type { Result } from "@everlearn/records";

/** A run's retained accuracy, a fraction; that of guessing where it did not finish, null where it has none. */
export function retainedAccuracyOf({
  status,
  metrics,
  chance,
}: Pick<Result, "status" | "metrics" | "chance">): number | null {
  return status === "finished" ? (metrics.retainedAccuracy ?? null) : chance;
}
