import { stat } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { DamagedFileError, type Publication, type PublishedFile } from "./publication.js";

/** Environment variables, by their names. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Somewhere that a publication's files may be. */
export interface Place {
  /** The directories to look in, first to last; downloads go to the first. */
  readonly directories: readonly [string, ...string[]];
  /** The command that downloads to here. */
  readonly command: string;
}

/** Where to look: `folder` and nowhere else, or without one EVERLEARN_DATA and then the user's cache. */
export interface Where {
  readonly folder?: string | undefined;
  /** What says where EVERLEARN_DATA and the user's cache are; the process's own environment by default. */
  readonly env?: Environment;
}

/** A publication's files, all there. */
export interface Located {
  /**
   * Reads the file of this name.
   * @throws Error where `reader` throws a DamagedFileError; the message says where to get a fresh copy.
   */
  read<T>(name: string, reader: (path: string) => Promise<T>): Promise<T>;
}

/** A folder of data sets, or one that holds the publication's files itself. */
export function folderPlace({ name }: Pick<Publication, "name">, folder: string): Place {
  const path = resolve(folder);
  return { directories: [join(path, name), path], command: `everlearn data fetch ${name} --data "${path}"` };
}

/** The user's cache, as the platform has it. */
export function cachePlace(
  { name }: Pick<Publication, "name">,
  env: Environment,
  platform: NodeJS.Platform = process.platform,
): Place {
  return {
    directories: [join(cacheDirectory(env, platform), "everlearn", name)],
    command: `everlearn data fetch ${name}`,
  };
}

/**
 * Finds all files of a publication in one place.
 * @throws Error where a file is missing; the message says what to do.
 */
export async function locate(publication: Publication, where: Where): Promise<Located> {
  const { name, files } = publication;
  const { folder } = where;
  const places = placesOf(publication, where);
  for (const place of places) {
    const paths = new Map<string, string>();
    const missing: string[] = [];
    for (const file of files) {
      const path = await find(place, file);
      if (path === undefined) missing.push(file.name);
      else paths.set(file.name, path);
    }
    if (missing.length === 0) return located(publication, place, paths);
    // An empty place is passed over unless the user asked for it; a place with some of the files is a mistake to tell.
    if (folder !== undefined || paths.size > 0)
      throw new Error(
        `dataset-${name} found no ${missing.join(", no ")} in ${place.directories.join(" or ")}; put the original files there, or run \`${place.command}\`.`,
      );
  }
  throw nowhere(publication, places);
}

/** The places in which a publication is looked for, in order. */
export function placesOf(publication: Pick<Publication, "name">, { folder, env = process.env }: Where): Place[] {
  const { EVERLEARN_DATA: data } = env;
  if (folder !== undefined) return [folderPlace(publication, folder)];
  return [...(data ? [folderPlace(publication, data)] : []), cachePlace(publication, env)];
}

/** The error where a publication is at none of its places, the last of which is the user's cache. */
export function nowhere({ name, title, files }: Publication, places: readonly Place[]): Error {
  const looked = places.flatMap(({ directories }) => directories).join(", ");
  return new Error(
    `dataset-${name} found no ${title} files (it looked in ${looked}); run \`${places[places.length - 1].command}\`, or point --data or EVERLEARN_DATA at a folder that holds ${files.map((file) => file.download).join(", ")}, or use dataset "glyphs", which needs no download.`,
  );
}

/**
 * A file's path at a place, under any of its names.
 * @returns undefined where it is not there.
 */
export async function find(place: Place, { spellings }: PublishedFile): Promise<string | undefined> {
  for (const directory of place.directories)
    for (const spelling of spellings) {
      const path = join(directory, spelling);
      // What cannot be looked at is not there for us; opening what can be tells its own troubles.
      const found = await stat(path).catch(() => undefined);
      if (found?.isFile()) return path;
    }
  return undefined;
}

function located({ name: owner }: Publication, place: Place, paths: ReadonlyMap<string, string>): Located {
  return {
    async read(name, reader) {
      const path = paths.get(name) as string;
      try {
        return await reader(path);
      } catch (error) {
        if (!(error instanceof DamagedFileError)) throw error;
        throw new Error(`dataset-${owner}: ${path} ${error.problem}; run \`${place.command}\` for a fresh copy.`, {
          cause: error,
        });
      }
    },
  };
}

function cacheDirectory(env: Environment, platform: NodeJS.Platform): string {
  if (platform === "win32") return env.LOCALAPPDATA || join(homedir(), "AppData", "Local");
  // The XDG specification has relative paths ignored.
  if (env.XDG_CACHE_HOME && isAbsolute(env.XDG_CACHE_HOME)) return env.XDG_CACHE_HOME;
  return platform === "darwin" ? join(homedir(), "Library", "Caches") : join(homedir(), ".cache");
}
