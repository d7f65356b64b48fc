import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve as resolvePath } from "node:path";
import { pathToFileURL } from "node:url";
import type { Kind, Plugin } from "@everlearn/contracts";
import { resolve as resolveImport } from "import-meta-resolve";
import { SpecError } from "./error.js";
import { suggestion } from "./nearest.js";
import { sourceVersion } from "./source.js";

/** A plugin as its package.json announces it: `"everlearn": { "kind": "learner", "name": "mer" }`. */
export interface Installed {
  readonly kind: Kind;
  readonly name: string;
  readonly description: string;
  readonly package: string;
  readonly version: string;
  /** The package's folder, within the node_modules where it was found. */
  readonly directory: string;
}

/** A loaded plugin, and what identifies its code. */
export interface Resolved<K extends Kind = Kind> {
  readonly plugin: Plugin<K>;
  /** The package's name, or the path as it was written. */
  readonly package: string;
  /** The package's version; of a path, the first 16 hex digits of its file's SHA-256. */
  readonly version: string;
}

const kinds: Record<Kind, true> = {
  dataset: true,
  stream: true,
  scenario: true,
  network: true,
  optimizer: true,
  buffer: true,
  learner: true,
  metric: true,
  tracker: true,
};
const isKind = (value: unknown): value is Kind => typeof value === "string" && Object.hasOwn(kinds, value);
const isName = (value: unknown): value is string => typeof value === "string" && /^[a-z0-9-]+$/.test(value);

/**
 * The plugins in the node_modules folders of the given folders and of all above them, without loading any code.
 * Of packages with one name the first counts, as in Node's own search.
 */
export async function installed(from: readonly string[]): Promise<Installed[]> {
  const found = new Map<string, Installed | undefined>();
  for (const folder of new Set(from.flatMap((start) => ancestors(resolvePath(start)))))
    for (const directory of packagesIn(join(folder, "node_modules"))) {
      const manifest = readManifest(directory);
      if (typeof manifest.name !== "string" || found.has(manifest.name)) continue;
      found.set(manifest.name, announced(manifest, directory));
    }
  return [...found.values()].filter((plugin) => plugin !== undefined);
}

/**
 * Loads the plugin that `use` names: by its short name, its package or its path (`./`, `../` or `/`).
 * @param from where to look: first the spec's folder, to which paths are relative
 * @param known what is installed there, where that was asked before
 * @throws SpecError where there is none, or several, or it is not what it should be
 */
export async function resolvePlugin<K extends Kind>(
  kind: K,
  use: string,
  from: readonly string[],
  known?: readonly Installed[],
): Promise<Resolved<K>> {
  if (/^\.{0,2}\//.test(use)) return loadPath(kind, use, from[0] ?? ".");
  const found = pick(kind, use, known ?? (await installed(from)));
  // As seen from the folder that holds its node_modules.
  const levels = found.package.startsWith("@") ? "../../.." : "../..";
  const parent = pathToFileURL(join(found.directory, levels, "package.json")).href;
  const plugin = await load(kind, resolveImport(found.package, parent), found.package);
  if (plugin.name !== found.name)
    throw new SpecError(
      `Package "${found.package}" announces the ${kind} "${found.name}" in its package.json, but holds "${plugin.name}".`,
    );
  return { plugin, package: found.package, version: found.version };
}

function pick(kind: Kind, use: string, known: readonly Installed[]): Installed {
  const matches = known.filter((plugin) => plugin.package === use || plugin.name === use);
  const ours = matches.filter((plugin) => plugin.kind === kind);
  if (ours.length > 1)
    throw new SpecError(
      `Packages ${ours.map((plugin) => `"${plugin.package}"`).join(" and ")} both offer the ${kind} "${use}"; write the package's name instead.`,
    );
  if (ours.length === 1) return ours[0];

  const candidates = known.filter((plugin) => plugin.kind === kind).map((plugin) => plugin.name);
  const heading = `Installed ${kind}s`;
  if (matches.length > 0)
    throw new SpecError(`"${use}" is a ${matches[0].kind}, not a ${kind}${suggestion(use, candidates, heading)}`);
  const quoted = JSON.stringify(use);
  if (candidates.length > 0)
    throw new SpecError(`There is no ${kind} ${quoted}${suggestion(use, candidates, heading)}`);
  const remedy = isName(use) ? `run "npm install @everlearn/${kind}-${use}"` : "install its package first";
  throw new SpecError(`There is no ${kind} ${quoted}, and no ${kind} is installed; ${remedy}.`);
}

async function loadPath<K extends Kind>(kind: K, use: string, folder: string): Promise<Resolved<K>> {
  const file = resolvePath(folder, use);
  let version: string;
  try {
    version = sourceVersion(file);
  } catch (error) {
    throw new SpecError(
      `The ${kind} ${JSON.stringify(use)} cannot be read (${(error as NodeJS.ErrnoException).code}); its path is relative to the spec.`,
    );
  }
  // The query makes a file that changed a module of its own, so that the code is the one that the version names.
  return { plugin: await load(kind, `${pathToFileURL(file).href}?${version}`, use), package: use, version };
}

async function load<K extends Kind>(kind: K, url: string, from: string): Promise<Plugin<K>> {
  let module: { default?: unknown };
  try {
    module = (await import(/* @vite-ignore */ url)) as { default?: unknown };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SpecError(`The ${kind} "${from}" cannot be loaded: ${reason}`, { cause: error });
  }
  const plugin = (module.default ?? {}) as Partial<Record<keyof Plugin, unknown>>;
  const wrong = [
    !isKind(plugin.kind) && "kind",
    !isName(plugin.name) && "name",
    (typeof plugin.options !== "object" ||
      plugin.options === null ||
      Object.hasOwn(plugin.options, "use") ||
      (plugin.kind === "stream" && Object.hasOwn(plugin.options, "of"))) &&
      "options",
    plugin.needs !== undefined && !Array.isArray(plugin.needs) && typeof plugin.needs !== "function" && "needs",
    typeof plugin.create !== "function" && "create",
  ].filter((field) => field !== false);
  if (wrong.length > 0)
    throw new SpecError(`The default export of "${from}" is no plugin: its ${wrong.join(", ")} will not do.`);
  if (plugin.kind !== kind) throw new SpecError(`"${from}" is a ${String(plugin.kind)}, not a ${kind}.`);
  return plugin as unknown as Plugin<K>;
}

interface Manifest {
  readonly name?: unknown;
  readonly version?: unknown;
  readonly description?: unknown;
  readonly everlearn?: { readonly kind?: unknown; readonly name?: unknown };
}

function announced({ name, version, description, everlearn }: Manifest, directory: string): Installed | undefined {
  if (!isKind(everlearn?.kind) || !isName(everlearn.name)) return undefined;
  return {
    kind: everlearn.kind,
    name: everlearn.name,
    description: typeof description === "string" ? description : "",
    package: String(name),
    version: String(version),
    directory,
  };
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
