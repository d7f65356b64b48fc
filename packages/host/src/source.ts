import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { dirname, relative, sep } from "node:path";
import { SpecError } from "@everlearn/contracts";
import { follow, type SourceTree } from "./source/follow.js";
import { problemsOf, UnloadableError } from "./source/problems.js";
import { UnfitFileError } from "./source/read.js";

export { UnloadableError };

/**
 * What stands for the version of a module that belongs to no package: 16 hex digits of the SHA-256 of its source, of
 * every file that it leads to by a path, directly or not, and of the versions of the packages that these import.
 * @throws the system's error where the file itself cannot be read; SpecError where it leads to files that only running it
 * can tell, and that it does not list; UnloadableError where it is likely that it cannot be loaded at all
 */
export function sourceVersion(file: string): string {
  const entry = realpathSync(file);
  const tree = followed(entry, file);
  const problems = problemsOf(tree, entry);
  if (problems.refused.length > 0) throw new SpecError(problems.refused);
  if (problems.unloadable.length > 0) throw new UnloadableError(problems.unloadable);
  return createHash("sha256")
    .update(JSON.stringify(identityOf(tree, dirname(entry))))
    .digest("hex")
    .slice(0, 16);
}

function followed(entry: string, file: string): SourceTree {
  try {
    return follow(entry);
  } catch (error) {
    if (error instanceof UnfitFileError) throw new SpecError(`${file} ${error.message}.`, { cause: error });
    throw error;
  }
}

/** Every file with what it holds and where its references lead, so that no two trees of files have one identity. */
function identityOf({ files }: SourceTree, folder: string): unknown {
  const called = (path: string) => relative(folder, path).replaceAll(sep, "/");
  return [...files]
    .map(([path, { size, digest, format = "data", leads }]) => {
      const led = leads.map(({ how, specifier, files, packages }) =>
        JSON.stringify([how, specifier, files.map(called), packages]),
      );
      return [called(path), format, size, digest, [...new Set(led)].toSorted()] as const;
    })
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}
