import { deflateRawSync, inflateRawSync } from "node:zlib";
import { sha256 } from "@everlearn/digest";
import type { Predictions } from "./receipt.js";

/** Answers as a receipt holds them. */
export function packPredictions(answers: Uint16Array): Predictions {
  const bytes = new Uint8Array(answers.buffer, answers.byteOffset, answers.byteLength);
  return { count: answers.length, sha256: sha256(bytes), deflated: deflateRawSync(bytes).toString("base64") };
}

/**
 * The answers that a whole receipt holds, as little-endian uint16, whoever deflated them: machines do that differently.
 * Undefined where they are not so many, cannot be read, or have another hash than the receipt gives.
 */
export function unpackPredictions({ count, sha256: hash, deflated = "" }: Predictions): Buffer | undefined {
  let bytes: Buffer;
  try {
    bytes = inflateRawSync(Buffer.from(deflated, "base64"), { maxOutputLength: Math.max(1, 2 * count) });
  } catch {
    return undefined;
  }
  return bytes.length === 2 * count && sha256(bytes) === hash ? bytes : undefined;
}
