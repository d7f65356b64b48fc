import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type Kind, kinds } from "@everlearn/contracts";
import { contractsProblem, contractsRange } from "./contracts.js";
import { isKind, isName } from "@everlearn/composition";

/** A package that offers a plugin, by what its package.json says. */
export interface Installed {
  readonly kind: Kind;
  readonly name: string;
  readonly description: string;
  readonly package: string;
  readonly version: string;
  /** The package's folder, within the node_modules where it was found. */
  readonly directory: string;
  /** Which of the folders that were searched it was found from, counted from 0: the first is the nearest. */
  readonly place: number;
  /** The range of versions of @everlearn/contracts that it says it was made for; none where it says nothing. */
  readonly contracts?: string;
  /** Why it cannot be used, and what to do: a sentence. */
  readonly problem?: string;
}

/**
 * The plugins in the node_modules folders of the given folders and of all above them, without loading any code: packages
 * whose package.json has `"everlearn": { "kind": "learner", "name": "mine" }`, and those which are called
 * `everlearn-<kind>-<name>`, in a scope or not, or `@everlearn/<kind>-<name>`.
 * Of packages with one name the first counts, as in Node's own search.
 */
export async function installed(from: readonly string[]): Promise<Installed[]> {
  const found = new Map<string, Installed | undefined>();
  for (const [place, folder] of searched(from))
    for (const directory of packagesIn(join(folder, "node_modules"))) {
      const manifest = readManifest(directory);
      if (typeof manifest.name !== "string" || found.has(manifest.name)) continue;
      found.set(manifest.name, offered(manifest, directory, place));
    }
  return [...found.values()].filter((plugin) => plugin !== undefined);
}

/** Whether a package of this name is installed there, plugin or not. */
export function hasPackage(name: string, from: readonly string[]): boolean {
  return searched(from).some(([, folder]) => readManifest(join(folder, "node_modules", name)).name === name);
}

interface Manifest {
  readonly name?: unknown;
  readonly version?: unknown;
  readonly description?: unknown;
  readonly everlearn?: unknown;
  readonly dependencies?: unknown;
  readonly peerDependencies?: unknown;
}

function offered(manifest: Manifest, directory: string, place: number): Installed | undefined {
  const { name, version, description, everlearn } = manifest;
  const called = conventional(String(name));
  const { kind, name: short } = (everlearn ?? called ?? {}) as { kind?: unknown; name?: unknown };
  const right = isKind(kind) && isName(short);
  if (!right && !called) return undefined;
  const contracts = contractsRange(manifest);
  const common = {
    description: typeof description === "string" ? description : "",
    package: String(name),
    version: String(version),
    directory,
    place,
    ...(contracts === undefined ? {} : { contracts }),
  };
  if (!right) {
    const says = JSON.stringify(everlearn);
    const remedy = `write ${JSON.stringify(called)}, where the kind is one of ${kinds.join(", ")}`;
    return { ...called!, ...common, problem: `Package "${common.package}" says "everlearn": ${says}; ${remedy}.` };
  }
  const problem = contractsProblem(common.package, common.version, contracts);
  return { kind, name: short, ...common, ...(problem === undefined ? {} : { problem }) };
}

/**
 * The plugin that a package offers according to its name: `@everlearn/<kind>-<name>`, `everlearn-<kind>-<name>`,
 * `@any/everlearn-…`.
 */
function conventional(full: string): { kind: Kind; name: string } | undefined {
  const [, kind, name] = /^(?:@everlearn\/|(?:@[^/]+\/)?everlearn-)([a-z]+)-(.+)$/.exec(full) ?? [];
  return isKind(kind) && isName(name) ? { kind, name } : undefined;
}

/** Read one after the other: hundreds of open files at once would meet the system's limit. */
function readManifest(directory: string): Manifest {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
    return typeof manifest === "object" && manifest !== null ? manifest : {};
  } catch {
    return {}; // not a package
  }
}

/** Every folder whose node_modules count, each once, with the place in `from` that led to it. */
function searched(from: readonly string[]): [place: number, folder: string][] {
  const folders = new Map<string, number>();
  for (const [place, start] of from.entries())
    for (const folder of ancestors(resolve(start))) if (!folders.has(folder)) folders.set(folder, place);
  return [...folders].map(([folder, place]) => [place, folder]);
}

function packagesIn(folder: string): string[] {
  return entries(folder).flatMap((name) =>
    name.startsWith("@") ? entries(join(folder, name)).map((inner) => join(folder, name, inner)) : join(folder, name),
  );
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => !name.startsWith("."));
  } catch {
    return []; // there is no such folder
  }
}

function ancestors(folder: string): string[] {
  const above = dirname(folder);
  return above === folder ? [folder] : [folder, ...ancestors(above)];
}
