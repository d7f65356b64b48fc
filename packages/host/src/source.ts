import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

const imported = /\b(?:from|import)\s*\(?\s*["'](\.{1,2}\/[^"']+)["']/g;

/**
 * What stands for the version of a module that belongs to no package: 16 hex digits of the SHA-256 of its source and
 * that of every module which it imports by a relative path, directly or not.
 * @throws the system's error where the file itself cannot be read
 */
export function sourceVersion(file: string): string {
  const hash = createHash("sha256");
  const seen = new Set<string>();
  function visit(path: string, content: Uint8Array): void {
    seen.add(path);
    hash.update(content);
    for (const [, specifier] of Buffer.from(content).toString("utf8").matchAll(imported)) {
      const next = resolve(dirname(path), specifier);
      if (seen.has(next)) continue;
      // TypeScript that runs as it is imports "x.ts" as "x.js".
      for (const path of [next, next.replace(/\.([cm]?)js$/, ".$1ts")])
        try {
          visit(path, readFileSync(path));
          break;
        } catch {
          seen.add(next); // loading it says what is missing
        }
    }
  }
  visit(file, readFileSync(file));
  return hash.digest("hex").slice(0, 16);
}
