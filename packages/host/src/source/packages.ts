import { statSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { contentOf } from "./read.js";

/** A folder with a package.json, and what of that counts here. */
export interface Package {
  readonly folder: string;
  readonly name?: string;
  readonly version?: string;
  readonly type?: string;
  readonly main?: string;
  readonly exports: boolean;
}

export const typeOf = (path: string): "file" | "folder" | "none" => {
  try {
    return statSync(path).isDirectory() ? "folder" : "file";
  } catch {
    return "none";
  }
};

export const isFile = (path: string): boolean => typeOf(path) === "file";

/** The package whose folder this is; nothing where it has no package.json, or none that can be read. */
export function packageAt(folder: string): Package | undefined {
  try {
    const found = JSON.parse(contentOf(join(folder, "package.json"), "code").text) as Readonly<Record<string, unknown>>;
    const texts = ["name", "version", "type", "main"].filter((field) => typeof found[field] === "string");
    return { folder, exports: "exports" in found, ...Object.fromEntries(texts.map((field) => [field, found[field]])) };
  } catch {
    return undefined;
  }
}

/** The nearest package.json above a file within its package, as Node looks for it. */
export function packageAbove(file: string, fits: (one: Package) => boolean = () => true): Package | undefined {
  for (let folder = dirname(file); basename(folder) !== "node_modules"; folder = dirname(folder)) {
    const found = packageAt(folder);
    if (found && fits(found)) return found;
    if (folder === dirname(folder)) break;
  }
  return undefined;
}

/** `a` of `a/b`, `@a/b` of `@a/b/c`. */
export const packageName = (specifier: string): string => /^(?:@[^/]*\/)?[^/]*/.exec(specifier)?.[0] ?? specifier;

/** The installed package that a file names; one without a package.json has its folder alone. */
export function installedFor(specifier: string, file: string): Package | undefined {
  const name = packageName(specifier);
  const folders = (createRequire(file).resolve.paths(specifier) ?? []).map((folder) => join(folder, name));
  const folder = folders.find((folder) => typeOf(folder) === "folder");
  return folder === undefined ? undefined : (packageAt(folder) ?? { folder, exports: false });
}

/** How Node takes a file's source: by its ending, or by the package.json above it; `either` where the source decides. */
export function formatOf(file: string): "module" | "commonjs" | "either" {
  const [, letter] = /\.([cm])[jt]s$/.exec(file) ?? [];
  if (letter !== undefined) return letter === "m" ? "module" : "commonjs";
  const type = packageAbove(file)?.type;
  return type === "module" || type === "commonjs" ? type : "either";
}
