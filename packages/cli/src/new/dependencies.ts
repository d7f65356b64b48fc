import { existsSync, readFileSync, realpathSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import type { Kind } from "@everlearn/contracts";
import { packageRoot } from "../package-root.js";
import { scaffolds } from "./scaffolds.js";

/** The package with each kind's check. */
export const kit = "@everlearn/conformance";

interface CommandManifest {
  readonly version: string;
  readonly engines: object;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** The manifest of the package that holds the command. */
const { version, engines, dependencies }: CommandManifest = JSON.parse(
  readFileSync(join(packageRoot, "package.json"), "utf8"),
) as CommandManifest;

/** What a plugin of a kind asks of whoever installs it: a version of Node.js, the contracts, and what its source imports. */
export function requirementsOf(kind: Kind) {
  const { uses = [] } = scaffolds[kind];
  return {
    engines,
    peerDependencies: Object.fromEntries(
      ["@everlearn/contracts", ...uses].map((name) => [name, `^${dependencies[name]}`]),
    ),
  };
}

/** The checkout of everlearn's repository that the command runs from; undefined where npm installed the command. */
export const checkout: string | undefined = packageRoot.split(sep).includes("node_modules")
  ? undefined
  : resolve(packageRoot, "../..");

/**
 * What a plugin's author needs: ranges, for npm to install. Where the command runs from a checkout, they are paths to what is
 * installed there instead, so that a package can be made before everlearn is published, and without a network.
 */
export function devDependenciesOf(kind: Kind, folder: string): Readonly<Record<string, string>> {
  const ranges: Readonly<Record<string, string>> = {
    [kit]: "*",
    // From npm this comes by itself, as one of the peers.
    ...(checkout !== undefined && requirementsOf(kind).peerDependencies),
    ...(scaffolds[kind].node && { "@types/node": "^20" }),
    everlearn: `^${version}`,
    typescript: ">=5.5",
  };
  if (checkout === undefined) return ranges;
  const entries = Object.entries(ranges).map(([name, range]) => {
    const installed = join(checkout, "node_modules", name);
    if (!existsSync(installed)) return [name, range]; // such as TypeScript, where development dependencies were left out
    return [name, `file:${relative(folder, realpathSync(installed)).replaceAll("\\", "/")}`];
  });
  return Object.fromEntries(entries) as Record<string, string>;
}
