import { createRequire } from "node:module";
import intersects from "semver/ranges/intersects.js";
import gtr from "semver/ranges/gtr.js";
import validRange from "semver/ranges/valid.js";

const contracts = "@everlearn/contracts";

/** The version of the contracts that this host was made for. */
const ours = (createRequire(import.meta.url)(`${contracts}/package.json`) as { version: string }).version;

/** The versions with the same contracts: of 0.x, where anything may change with the minor version, one x. */
const compatible = ours.replace(/^(0\.\d+|[1-9]\d*)\..*$/, "$1.x");

/** The range of versions of the contracts that a package.json asks for; undefined where it does not say. */
export function contractsRange(manifest: { peerDependencies?: unknown; dependencies?: unknown }): string | undefined {
  const { peerDependencies, dependencies } = manifest as Record<string, Record<string, unknown> | undefined>;
  const range = peerDependencies?.[contracts] ?? dependencies?.[contracts];
  return typeof range === "string" ? range : undefined;
}

/** Why a package that was made for these contracts cannot be used here; nothing where it can, or where that is unknown. */
export function contractsProblem(name: string, version: string, range: string | undefined): string | undefined {
  // A range that is none, such as "workspace:*" or a file's, says nothing.
  if (range === undefined || validRange(range) === null || intersects(range, compatible)) return undefined;
  const newer = gtr(ours, range) ? `${name}@latest` : "everlearn@latest";
  return `Package "${name}" ${version} was made for ${contracts} ${range}, but here they are ${ours}; run "npm install ${newer}".`;
}
