import { createHash } from "node:crypto";
import canonicalize from "canonicalize";

/**
 * SHA-256 (hex) of a value's canonical JSON (RFC 8785): equal for equal values, whatever the order of their keys.
 * @throws RangeError where a number in it is NaN, infinite or −0, which JSON does not tell apart from null or 0.
 */
export function digest(value: unknown): string {
  refuseLossyNumbers(value);
  return createHash("sha256")
    .update(canonicalize(value) ?? "")
    .digest("hex");
}

function refuseLossyNumbers(value: unknown): void {
  if (typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0)))
    throw new RangeError(`${Object.is(value, -0) ? "-0" : value} cannot be part of an identity.`);
  if (typeof value === "object" && value !== null) Object.values(value).forEach(refuseLossyNumbers);
}
