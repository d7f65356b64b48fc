/** The number of problems that a message lists. */
const SHOWN = 20;

/** A text of at most so many characters: whoever sends megabytes gets no megabytes back. */
export function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

/** A mistake in a spec, or in what it names. The message tells the user what to do, one problem per line. */
export class SpecError extends Error {
  override name = "SpecError";
  readonly problems: readonly string[];
  constructor(problems: string | readonly string[], options?: ErrorOptions) {
    const all = (typeof problems === "string" ? [problems] : problems).map((problem) => shortened(problem, 2000));
    const rest = all.length - SHOWN;
    super([...all.slice(0, SHOWN), ...(rest > 0 ? [`… and ${rest} more.`] : [])].join("\n"), options);
    this.problems = all;
  }
}

/** A run cannot begin or continue, for a reason that the user can fix. The message is one sentence for them. */
export class RunError extends Error {
  override name = "RunError";
}

/** The run was stopped on request. If it is resumed, it continues from its last checkpoint. */
export class StoppedError extends Error {
  override name = "StoppedError";
  constructor() {
    super("The run was stopped; go on with resume.");
  }
}
