import { randomUUID } from "node:crypto";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cachePlace, type Environment, find, folderPlace } from "./places.js";
import { DamagedFileError, type Publication, type PublishedFile } from "./publication.js";
import { reasonOf, type Transfer, transfer } from "./transfer.js";
import { FolderError, writing } from "./writing.js";

/** How far the download of one file has come, in bytes; `total` is null where the mirror does not say. */
export interface DownloadProgress {
  readonly file: string;
  readonly mirror: string;
  readonly received: number;
  readonly total: number | null;
}

/** Where published files are downloaded from, where to, and with how much patience. */
export interface FetchOptions {
  /** The folder of data sets; the files go to its subfolder with the data set's name. Absent: to the user's cache. */
  readonly folder?: string | undefined;
  /** URLs of folders with the files, tried in order; the one that served last goes first. Absent: the published ones. */
  readonly mirrors?: readonly string[];
  /** What makes the requests; the platform's own by default. */
  readonly fetch?: typeof globalThis.fetch;
  /** Hears of every piece that came. */
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** How long a mirror may send nothing before it is given up, in milliseconds (> 0); 30,000 by default. */
  readonly timeout?: number;
  /**
   * How long to wait before a transfer that broke off is taken up again, in milliseconds; 1,000 by default, and twice as
   * long after each time that nothing more came.
   */
  readonly pause?: number;
  /** Stops the download; files that were complete stay. */
  readonly signal?: AbortSignal;
  /** What says where the user's cache is; the process's own environment by default. */
  readonly env?: Environment;
}

/** Where the files are now, which of them were downloaded, and which were there before. */
export interface Fetched {
  readonly directory: string;
  readonly downloaded: readonly string[];
  readonly kept: readonly string[];
}

/**
 * Downloads those files of a publication that are not yet there or not right. A file gets its name only when it was
 * found to be what was published; until then it is a temporary file beside it. A transfer that breaks off goes on from
 * where it broke; a mirror that brings nothing more three times in a row is given up.
 * @throws Error where every mirror failed or the folder cannot be written; the message says what to do.
 */
export async function fetchFiles(publication: Publication, options: FetchOptions = {}): Promise<Fetched> {
  const { folder, env = process.env, signal } = options;
  const place = folder === undefined ? cachePlace(publication, env) : folderPlace(publication, folder);
  const [directory] = place.directories;
  const downloaded: string[] = [];
  const kept: string[] = [];
  let order = options.mirrors ?? publication.mirrors;
  for (const file of publication.files) {
    signal?.throwIfAborted();
    const present = await find(place, file);
    if (present !== undefined && (await isRight(present, file))) {
      kept.push(file.name);
      continue;
    }
    const reasons: string[] = [];
    let served: string | undefined;
    for (const mirror of order) {
      try {
        const stored = await store(publication, file, mirror, directory, options);
        // A wrong file of another spelling would be found before the right one.
        if (present !== undefined && present !== stored && dirname(present) === directory)
          await writing(publication, directory, rm(present));
        served = mirror;
        break;
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof FolderError) throw error;
        reasons.push(`${mirror} (${reasonOf(error)})`);
      }
    }
    if (served === undefined) throw allFailed(publication, file, reasons, directory);
    order = [served, ...order.filter((mirror) => mirror !== served)];
    downloaded.push(file.name);
  }
  return { directory, downloaded, kept };
}

function allFailed(
  { name, files }: Publication,
  { download }: PublishedFile,
  reasons: readonly string[],
  directory: string,
): Error {
  const all = files.map((file) => file.download).join(", ");
  return new Error(
    `dataset-${name} could not download ${download} from ${reasons.join(" or ") || "any mirror, as none was given"}; try again later, or put ${all} into ${directory} by hand.`,
  );
}

async function isRight(path: string, file: PublishedFile): Promise<boolean> {
  try {
    await file.check(path);
    return true;
  } catch (error) {
    if (error instanceof DamagedFileError) return false;
    throw error;
  }
}

/** Downloads one file from one mirror, checks it and gives it its name. @returns its path. */
async function store(
  publication: Publication,
  file: PublishedFile,
  mirror: string,
  directory: string,
  { fetch = globalThis.fetch, onProgress, timeout = 30_000, pause = 1000, signal }: FetchOptions,
): Promise<string> {
  await writing(publication, directory, mkdir(directory, { recursive: true }));
  const path = join(directory, file.download);
  const temporary = join(directory, `.${file.download}.${randomUUID()}.part`);
  const work: Transfer = {
    publication,
    url: new URL(file.download, mirror.endsWith("/") ? mirror : `${mirror}/`),
    path: temporary,
    limit: file.limit,
    fetch,
    timeout,
    pause,
    signal,
    onProgress: (received, total) => onProgress?.({ file: file.name, mirror, received, total }),
  };
  try {
    await transfer(work);
    await file.check(temporary).catch((error: unknown) => {
      if (!(error instanceof DamagedFileError)) throw error;
      throw new Error(`what it sent ${error.problem}`, { cause: error });
    });
    await writing(publication, directory, rename(temporary, path));
    return path;
  } finally {
    await rm(temporary, { force: true });
  }
}
