/** Each run's digest, by its name. */
export function digests(): Promise<Record<string, string>>;
