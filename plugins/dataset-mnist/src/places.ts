import { stat } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Somewhere that the four files may be. */
export interface Place {
  /** The directories to look in, first to last; downloads go to the first. */
  readonly directories: readonly [string, ...string[]];
  /** The command that downloads to here. */
  readonly command: string;
}

/** A folder of data sets, or one that holds MNIST's files itself. */
export function folderPlace(folder: string): Place {
  const path = resolve(folder);
  return { directories: [join(path, "mnist"), path], command: `everlearn data fetch mnist --data "${path}"` };
}

/** The user's cache, as the platform has it. */
export function cachePlace(env: Environment, platform: NodeJS.Platform = process.platform): Place {
  return { directories: [join(cacheDirectory(env, platform), "everlearn", "mnist")], command: fetchCommand };
}

/** The command that downloads to the user's cache. */
export const fetchCommand = "everlearn data fetch mnist";

/**
 * A file's path at a place, under any of the names by which mirrors have it, plain before compressed.
 * @returns undefined where it is not there.
 */
export async function find(place: Place, name: string): Promise<string | undefined> {
  const dotted = name.replace("-idx", ".idx");
  for (const directory of place.directories)
    for (const spelling of [name, dotted, `${name}.gz`, `${dotted}.gz`]) {
      const path = join(directory, spelling);
      // What cannot be looked at is not there for us; opening what can be tells its own troubles.
      const found = await stat(path).catch(() => undefined);
      if (found?.isFile()) return path;
    }
  return undefined;
}

function cacheDirectory(env: Environment, platform: NodeJS.Platform): string {
  if (platform === "win32") return env.LOCALAPPDATA || join(homedir(), "AppData", "Local");
  // The XDG specification has relative paths ignored.
  if (env.XDG_CACHE_HOME && isAbsolute(env.XDG_CACHE_HOME)) return env.XDG_CACHE_HOME;
  return platform === "darwin" ? join(homedir(), "Library", "Caches") : join(homedir(), ".cache");
}
