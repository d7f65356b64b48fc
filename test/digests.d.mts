/** Each run's digest, by its name. */
export function digests(): Promise<Record<string, string>>;
/** The packages of all plugins that the runs use. */
export function parts(): Promise<Set<string>>;
/** The suite of all runs. */
export const suite: object;
