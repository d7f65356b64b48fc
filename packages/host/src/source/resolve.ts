import { createRequire, isBuiltin } from "node:module";
import { dirname, isAbsolute, join, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { moduleResolve } from "import-meta-resolve";
import { installedFor, isFile, packageAbove, packageAt, packageName, typeOf } from "./packages.js";
import type { Reference } from "./references.js";

/** Where a reference leads: to a file, to a folder, or into a package of a known version, such as `lodash@4.17.21`. */
export type Target = { readonly file: string } | { readonly folder: string } | { readonly package: string };

/**
 * Where a reference leads, by Node's rules and, in TypeScript, those of its loaders; to nothing where it names a module
 * of Node itself or something that is no file.
 * @returns `undefined` where what it names is not there
 */
export function targetsOf({ how, specifier }: Reference, from: string): readonly Target[] | undefined {
  if (how === "path") return there(resolve(dirname(from), specifier));
  if (how === "url") return ofUrl(specifier, from);
  if (isBuiltin(specifier)) return [];
  if (specifier.startsWith("#")) return ofImports(how, specifier, from);
  if (how === "require" && (/^\.{1,2}(?:\/|$)/.test(specifier) || isAbsolute(specifier)))
    return required(specifier, from);
  if (how === "import" && /^(?:\.{1,2}$|\.{0,2}\/|file:)/.test(specifier)) return imported(specifier, from);
  return /^[a-z][a-z\d+.-]+:/i.test(specifier) ? [] : ofPackage(how, specifier, from);
}

/** What there is at a path. */
function there(path: string): readonly Target[] | undefined {
  const type = typeOf(path);
  return type === "none" ? undefined : [type === "file" ? { file: path } : { folder: path }];
}

function pathOf(specifier: string, from: string): string | undefined {
  try {
    return fileURLToPath(new URL(specifier, pathToFileURL(from)));
  } catch {
    return undefined; // a URL of something else, or one that is none
  }
}

function ofUrl(specifier: string, from: string): readonly Target[] | undefined {
  const path = pathOf(specifier, from);
  if (path === undefined) return [];
  // Which files in a folder are meant, or will be, is not said.
  return /(?:^|\/)\.{0,2}$/.test(specifier.replace(/[?#].*/, "")) ? [{ folder: path }] : there(path);
}

const isTypeScript = (path: string): boolean => /\.[cm]?tsx?$/.test(path);
const twin = (path: string): string => path.replace(/\.([cm]?)js(x?)$/, ".$1ts$2");
const index = (folder: string, endings: readonly string[]): string[] =>
  endings.map((one) => join(folder, `index${one}`));

const endings = [".js", ".json", ".node"];
const loaded = [...endings, ".ts", ".tsx", ".mts", ".cts", ".jsx", ".mjs", ".cjs"];

function imported(specifier: string, from: string): readonly Target[] | undefined {
  const path = pathOf(specifier, from);
  return path === undefined ? undefined : counted([path].filter(isFile), path, from);
}

function required(specifier: string, from: string): readonly Target[] | undefined {
  const path = resolve(dirname(from), specifier);
  const main = packageAt(path)?.main;
  const asFile = (path: string) => [path, ...endings.map((one) => path + one)];
  const asMain = main === undefined ? [] : [...asFile(join(path, main)), ...index(join(path, main), endings)];
  const isFolder = /(?:^|\/)\.{0,2}$/.test(specifier);
  const found = [...(isFolder ? [] : asFile(path)), ...asMain, ...index(path, endings)].find(isFile);
  return counted(found === undefined ? [] : [found], path, from);
}

/**
 * What Node finds, and what the loaders of TypeScript may take instead: the source beside what is compiled, or whichever
 * file has a name that lacks its ending. Where several may be meant, all count.
 */
function counted(found: readonly string[], path: string, from: string): readonly Target[] | undefined {
  const sources = [...found.map(twin), twin(path), twin(path).replace(/\.ts$/, ".tsx")].filter(isFile);
  const files = new Set(found.length === 0 || isTypeScript(from) ? [...found, ...sources] : found);
  if (isTypeScript(from) && !isFile(path) && sources.length === 0) {
    const named = loaded.map((one) => path + one).filter(isFile);
    for (const file of named.length > 0 ? named : index(path, loaded).filter(isFile)) files.add(file);
    const types = [path.replace(/(?:\.[cm]?js)?$/, ".d.ts"), join(path, "index.d.ts")];
    if (files.size === 0 && types.some(isFile)) return [];
  }
  return files.size === 0 ? undefined : [...files].map((file) => ({ file }));
}

/** `#name`, by the "imports" of the package.json above. */
function ofImports(how: "import" | "require", specifier: string, from: string): readonly Target[] | undefined {
  const targets = byNode(how, specifier, from);
  const own = packageAbove(from)?.folder ?? "";
  return targets?.map((target) => {
    const owner = packageAbove(target.file, ({ name, version }) => name !== undefined && version !== undefined);
    const isOwn = owner === undefined || `${own}${sep}`.startsWith(`${owner.folder}${sep}`);
    return isOwn ? target : { package: `${owner.name}@${owner.version}` };
  });
}

function ofPackage(how: "import" | "require", specifier: string, from: string): readonly Target[] | undefined {
  const name = packageName(specifier);
  if (name === "") return undefined;
  const own = packageAbove(from);
  const found = own?.exports && own.name === name ? undefined : installedFor(specifier, from);
  if (found?.version !== undefined) return [{ package: `${found.name}@${found.version}` }];
  return byNode(how, specifier, from); // the module's own package, or one that only its files identify
}

/** What Node answers: a file, or nothing for a module of its own. */
function byNode(how: "import" | "require", specifier: string, from: string): readonly { file: string }[] | undefined {
  try {
    const conditions = new Set(["node", how, "node-addons", "module-sync"]);
    const { href, protocol } = moduleResolve(specifier, pathToFileURL(from), conditions);
    return protocol === "file:" ? [{ file: fileURLToPath(href) }] : [];
  } catch {
    try {
      return how === "require" ? [{ file: createRequire(from).resolve(specifier) }] : undefined;
    } catch {
      return undefined;
    }
  }
}
