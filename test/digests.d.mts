/** A suite of small runs, as a spec file has it. */
export const suite: object;
/** Each run's digest, by its name. */
export function digests(): Promise<Record<string, string>>;
