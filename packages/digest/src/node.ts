import { createHash } from "node:crypto";

/** SHA-256 (hex) of bytes and of text in UTF-8, one chunk after the other: Node's own, which is several times faster. */
export function sha256(...chunks: readonly (Uint8Array | string)[]): string {
  const hash = createHash("sha256");
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest("hex");
}
