// What a kernel is made of: the sources that all kernels share, and its own.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's folder. */
export const root = fileURLToPath(new URL("../../..", import.meta.url));
const shared = "packages/wasm/kernel";

/** The workspaces that have a kernel; each begins in its kernel/kernel.c. */
export const folders = ["packages/wasm", "packages/linear-algebra", "plugins/network-mlp", "plugins/network-convnet"];

/**
 * The files that a kernel may be made of.
 * @param {string} folder of the workspace, from the repository's root
 * @returns {(readonly [path: string, content: Buffer])[]} by their paths in the repository
 */
export function sourcesOf(folder) {
  const places = [...new Set([shared, `${folder}/kernel`])];
  return places.flatMap((place) =>
    readdirSync(join(root, place))
      .toSorted()
      .map((name) => /** @type {const} */ ([`${place}/${name}`, readFileSync(join(root, place, name))])),
  );
}

/**
 * A digest of all sources and of the scripts beside them: what is made of the same sources computes the same bits.
 * @param {readonly (readonly [path: string, content: Buffer])[]} sources
 */
export function digestOf(sources) {
  const hash = createHash("sha256");
  for (const [, content] of sources) hash.update(content);
  return hash.digest("hex");
}
