import { realpathSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { SpecError } from "@everlearn/contracts";
import { type Installed, installed, isPath } from "@everlearn/host";

/** Which code may run where receipts of strangers are verified. */
export interface TrustedCode {
  /** The folders in which packages are installed. */
  readonly from: readonly string[];
  /** Packages and paths that may run besides what is installed. */
  readonly allow: readonly string[];
  /** The folders that receipts came in: packages in them are not installed, whatever the working folder is. */
  readonly beside: readonly string[];
}

/** The packages that may run, and a guard before code that is named by its path. */
export interface Trusted {
  /** The folders in which whatever else plugins load is looked for; the first is the one that paths are relative to. */
  readonly from: readonly string[];
  readonly known: readonly Installed[];
  /** @throws SpecError where the file is neither of an installed package nor allowed */
  guard(file: string): void;
  /** Why a package that was found is not among the known ones, a sentence; undefined where it was not found at all. */
  refusal(use: string): string | undefined;
}

const own = realPath(fileURLToPath(new URL("..", import.meta.url)));

/**
 * Finds the packages whose code may run, without loading any: those that are installed in the given folders and above
 * them, but not in folders that receipts came in, nor beside a receipt.
 */
export async function trustedCode(receiptFolder: string, { from, allow, beside }: TrustedCode): Promise<Trusted> {
  const all = await installed([...from, receiptFolder]);
  const folders = [...beside, receiptFolder].map(realPath);
  const paths = allow
    .filter((one) => isPath(one) || isAbsolute(one))
    .map((path) => realPath(resolve(from[0] ?? ".", path)));
  const isAllowed = (file: string) => paths.some((path) => contains(path, file));
  const isInstalled = ({ package: name, directory, place }: Installed) => {
    const home = realPath(join(directory, name.startsWith("@") ? "../../.." : "../.."));
    // Where everlearn itself was installed, code of that folder runs already.
    return contains(home, own) || (place < from.length && !folders.some((folder) => contains(folder, home)));
  };
  const known = all.filter(
    (one) => allow.includes(one.package) || isAllowed(realPath(one.directory)) || isInstalled(one),
  );
  const roots = known.map(({ directory }) => realPath(directory));
  // What plugins load themselves, such as a model's package, must not come from there either.
  const strange = (folder: string) =>
    folders.some((one) => contains(one, realPath(folder))) && !contains(realPath(folder), own);
  const safe = allow.length > 0 ? from : from.filter((folder) => !strange(folder));
  return {
    from: safe.length > 0 ? safe : [own],
    known,
    guard(file) {
      const real = realPath(file);
      if (isAllowed(real) || roots.some((root) => contains(root, real))) return;
      throw new SpecError(
        `The receipt names code by its path, ${file}, which is of no installed package; nothing of it was run. Read it, and allow it with --allow ${file}.`,
      );
    },
    refusal(use) {
      const found = all.find((one) => (one.package === use || one.name === use) && !known.includes(one));
      return (
        found &&
        `The package "${found.package}" lies beside the receipts, in ${dirname(found.directory)}, and is not installed; nothing of it was run. Read it, and allow it with --allow ${found.package}.`
      );
    },
  };
}

function contains(folder: string, file: string): boolean {
  const path = relative(folder, file);
  return path === "" || (!path.startsWith("..") && !isAbsolute(path));
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
