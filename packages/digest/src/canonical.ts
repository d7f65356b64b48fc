import { sha256 } from "#sha256";

/**
 * SHA-256 (hex) of a value's canonical JSON (RFC 8785): equal for equal values, whatever the order of their keys.
 * @throws RangeError where a number in it is NaN, infinite or −0, which JSON does not tell apart from null or 0.
 */
export function digest(value: unknown): string {
  return sha256(canonical(value));
}

/** Lists of numbers, which are most of a receipt, are written at once: this is half of the time that reading one takes. */
function canonical(value: unknown): string {
  if (typeof value === "number" && !isLossless(value))
    throw new RangeError(`${Object.is(value, -0) ? "-0" : value} cannot be part of an identity.`);
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "";
  if (Array.isArray(value))
    return value.every(isLossless)
      ? JSON.stringify(value)
      : `[${Array.from(value, (one: unknown) => canonical(one ?? null)).join(",")}]`;
  const own = value as Readonly<Record<string, unknown>>;
  const members = Object.keys(own)
    .filter((key) => own[key] !== undefined)
    .sort() // by UTF-16 code units, as the RFC says
    .map((key) => `${JSON.stringify(key)}:${canonical(own[key])}`);
  return `{${members.join(",")}}`;
}

function isLossless(value: unknown): boolean {
  return typeof value === "number" && Number.isFinite(value) && !Object.is(value, -0);
}
