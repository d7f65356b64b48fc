import { sha256 as algorithm } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/** SHA-256 (hex) of bytes and of text in UTF-8, one chunk after the other, where there is no Node.js. */
export function sha256(...chunks: readonly (Uint8Array | string)[]): string {
  const hash = algorithm.create();
  for (const chunk of chunks) hash.update(typeof chunk === "string" ? utf8ToBytes(chunk) : chunk);
  return bytesToHex(hash.digest());
}
