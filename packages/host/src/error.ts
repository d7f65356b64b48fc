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
