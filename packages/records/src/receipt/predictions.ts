import { createHash } from "node:crypto";
import { inflateRawSync } from "node:zlib";
import type { ReceiptPredictions } from "@everlearn/leaderboard";

/**
 * The answers that a whole receipt holds, as little-endian uint16, whoever deflated them: machines do that differently.
 * Undefined where they are not so many, cannot be read, or have another hash than the receipt gives.
 */
export function answersOf({ count, sha256, deflated = "" }: ReceiptPredictions): Buffer | undefined {
  let bytes: Buffer;
  try {
    bytes = inflateRawSync(Buffer.from(deflated, "base64"), { maxOutputLength: Math.max(1, 2 * count) });
  } catch {
    return undefined;
  }
  const fits = bytes.length === 2 * count && createHash("sha256").update(bytes).digest("hex") === sha256;
  return fits ? bytes : undefined;
}
