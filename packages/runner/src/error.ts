import { DivergedError } from "@everlearn/contracts";

/** An end that a cell comes to each time it is run, which makes it a result. */
export type Verdict = "diverged" | "over-budget";

/** A run that cannot begin or go on, for a reason that its user can mend; the message is one sentence for them. */
export class RunError extends Error {
  override name = "RunError";

  /** Set where the run would end in the same way each time. */
  get verdict(): Verdict | undefined {
    if (this.cause instanceof DivergedError) return "diverged";
    return this.cause instanceof BudgetError ? "over-budget" : undefined;
  }
}

/** The run used more than its suite grants. */
export class BudgetError extends Error {
  override name = "BudgetError";
  constructor(used: number, granted: number, unit: string) {
    const count = (value: number) => value.toLocaleString("en");
    super(
      `It used ${count(used)} ${unit}, of which the suite's budget grants ${count(granted)}; choose options that need less.`,
    );
  }
}
