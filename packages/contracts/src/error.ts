/** A mistake in a spec, or in what it names: the message alone tells the user what to do, one problem a line. */
export class SpecError extends Error {
  override name = "SpecError";
  readonly problems: readonly string[];
  constructor(problems: string | readonly string[], options?: ErrorOptions) {
    const all = typeof problems === "string" ? [problems] : [...problems];
    super(all.join("\n"), options);
    this.problems = all;
  }
}

/** A run that cannot begin or go on, for a reason that its user can mend; the message is one sentence for them. */
export class RunError extends Error {
  override name = "RunError";
}

/** The run was stopped on request; resumed, it goes on from its last checkpoint. */
export class StoppedError extends Error {
  override name = "StoppedError";
  constructor() {
    super("The run was stopped; go on with resume.");
  }
}
