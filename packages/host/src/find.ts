import { statSync } from "node:fs";
import { join, resolve as resolvePath } from "node:path";
import { pathToFileURL } from "node:url";
import { type FoundPlugin, isName, suggestion } from "@everlearn/composition";
import { type Kind, SpecError } from "@everlearn/contracts";
import { resolve as resolveImport } from "import-meta-resolve";
import { hasPackage, type Installed, installed } from "./installed.js";
import { load } from "./load.js";
import { sourceVersion, UnloadableError } from "./source.js";

/**
 * Loads the plugin that `use` names: by its path (`./`, `../` or `/`), its package, or its short name, which is looked
 * for from the first of the folders, then from the next, and must be one package's only.
 * @param from where to look: first the spec's folder, to which paths are relative
 * @param known what is installed there, where that was asked before
 * @param guard called with each file of a plugin that is given by its path, before it is imported; it may throw
 * @throws SpecError where there is none, or several, or it is not what it should be
 */
export async function resolvePlugin<K extends Kind>(
  kind: K,
  use: string,
  from: readonly string[],
  known?: readonly Installed[],
  guard?: (file: string) => void,
): Promise<FoundPlugin<K>> {
  if (isPath(use)) {
    guard?.(resolvePath(from[0] ?? ".", use));
    return loadPath(kind, use, from[0] ?? ".");
  }
  const found = findPackage(kind, use, from, known ?? (await installed(from)));
  const { plugin, url } = await load(kind, () => urlOf(found), found.package);
  if (plugin.name !== found.name)
    throw new SpecError(
      `Package "${found.package}" announces the ${kind} "${found.name}" in its package.json, but holds "${plugin.name}"; make the two names the same.`,
    );
  return { plugin, url, package: found.package, version: found.version };
}

/** The module that a package's plugin is in, as seen from the folder that holds its node_modules. */
function urlOf(found: Installed): string {
  const levels = found.package.startsWith("@") ? "../../.." : "../..";
  return resolveImport(found.package, pathToFileURL(join(found.directory, levels, "package.json")).href);
}

/** The query makes a file that changed a module of its own, so that the code is the one that the version names. */
const urlOfFile = (file: string, version: string): string => `${pathToFileURL(file).href}?${version}`;

/** Whether a choice names its plugin by a path. */
export const isPath = (use: string): boolean => /^\.{0,2}\//.test(use);

/**
 * The package that offers the plugin which `use` names, by what its package.json says: nothing of it is loaded.
 * @throws SpecError where there is none, or several, or it is not what it should be
 */
export function findPackage(kind: Kind, use: string, from: readonly string[], known: readonly Installed[]): Installed {
  const found = pick(kind, use, from, known);
  if (found.problem !== undefined) throw new SpecError(found.problem);
  return found;
}

function pick(kind: Kind, use: string, from: readonly string[], known: readonly Installed[]): Installed {
  const exact = known.find((plugin) => plugin.package === use);
  if (exact?.kind === kind) return exact;
  const claims = known.filter((plugin) => plugin.name === use && plugin.kind === kind);
  const nearest = claims.filter(({ place }) => place === claims[0].place);
  if (nearest.length > 1)
    throw new SpecError(
      `Packages ${nearest.map((plugin) => `"${plugin.package}"`).join(" and ")} both offer the ${kind} "${use}"; write the package's name instead.`,
    );
  if (nearest.length === 1) return nearest[0];

  const candidates = known.filter((plugin) => plugin.kind === kind).map((plugin) => plugin.name);
  const heading = `Installed ${kind}s`;
  const other = exact ?? known.find((plugin) => plugin.name === use);
  if (other) throw new SpecError(`"${use}" is a ${other.kind}, not a ${kind}${suggestion(use, candidates, heading)}`);
  const quoted = JSON.stringify(use);
  if (isPackageName(use) && hasPackage(use, from))
    throw new SpecError(
      `Package ${quoted} is installed, but its package.json offers no plugin; it lacks "everlearn": {"kind": "${kind}", "name": "…"}.`,
    );
  if (candidates.length > 0)
    throw new SpecError(`There is no ${kind} ${quoted}${suggestion(use, candidates, heading)}`);
  const remedy = isName(use) ? `run "npm install @everlearn/${kind}-${use}"` : "install its package first";
  throw new SpecError(`There is no ${kind} ${quoted}, and no ${kind} is installed; ${remedy}.`);
}

const isPackageName = (use: string): boolean => /^(?:@[\w~-][\w.~-]*\/)?[\w~-][\w.~-]*$/.test(use);

async function loadPath<K extends Kind>(kind: K, use: string, folder: string): Promise<FoundPlugin<K>> {
  const file = resolvePath(folder, use);
  let version: string;
  try {
    version = sourceVersion(file);
  } catch (error) {
    const quoted = JSON.stringify(use);
    if (isFolder(file))
      throw new SpecError(
        `The ${kind} ${quoted} is a folder; write its file, such as "${use.replace(/\/$/, "")}/index.js".`,
      );
    if (error instanceof UnloadableError) await load(kind, () => pathToFileURL(file).href, use); // Node says it better
    if (error instanceof SpecError) throw error;
    throw new SpecError(
      `The ${kind} ${quoted} cannot be read (${(error as NodeJS.ErrnoException).code}); its path is relative to the spec.`,
    );
  }
  return { ...(await load(kind, () => urlOfFile(file, version), use)), package: use, version };
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
