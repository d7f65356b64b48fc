import { DivergedError, RunError, shortened } from "@everlearn/contracts";

/** The ways in which a cell may end early every time it is run, so that this counts as its result. */
export type UnfinishedStatus = "diverged" | "over-budget";

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

/** An error in a cell's learner or metric. The message says where it happened; the cause is the error itself. */
export class CellError extends RunError {
  override name = "CellError";
  constructor({ name, seed }: { readonly name: string; readonly seed: number }, where: string, cause: unknown) {
    const said = shortened(cause instanceof Error ? cause.message : String(cause), 2000);
    super(`${name}, seed ${seed}, ${where}: ${said}`, { cause });
  }

  /** Set where the run would end in the same way every time. */
  get status(): UnfinishedStatus | undefined {
    if (this.cause instanceof DivergedError) return "diverged";
    return this.cause instanceof BudgetError ? "over-budget" : undefined;
  }
}
