import { DivergedError } from "@everlearn/contracts";

/** A run that cannot begin or go on, for a reason that its user can mend; the message is one sentence for them. */
export class RunError extends Error {
  override name = "RunError";

  /** Whether training left the finite numbers, which says nothing of other runs. */
  get diverged(): boolean {
    return this.cause instanceof DivergedError;
  }
}
