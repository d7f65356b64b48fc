import { digest } from "@everlearn/digest";

/** A record and the seal over all else that it says. */
export type Sealed<T> = T & { readonly seal: string };

/**
 * SHA-256 (hex) of the canonical JSON of a record without its seal. It tells damage, not truth: whoever can write the file
 * can compute it too. @throws RangeError where a number in it cannot be told from another in JSON
 */
export function sealOver(record: object): string {
  const { seal: _, ...rest } = record as { readonly seal?: unknown };
  return digest(rest);
}

/** Seals a record. What is sealed is what can be read back: −0 is 0 there, and an absent value has no key. */
export function seal<T extends object>(record: T, over: (record: object) => string = sealOver): Sealed<T> {
  const { seal: _, ...plain } = JSON.parse(JSON.stringify(record)) as T & { readonly seal?: unknown };
  return { ...plain, seal: over(plain) } as Sealed<T>;
}

/** Whether a value is a record with its own seal. */
export function isSealed(value: unknown): value is Sealed<object> {
  if (typeof value !== "object" || value === null || !("seal" in value)) return false;
  try {
    return value.seal === sealOver(value);
  } catch {
    return false;
  }
}
