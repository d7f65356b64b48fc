import { randomUUID } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { alteredProblem, contentSha256, DamagedFileError, idxBytes } from "./idx.js";
import { inOrder, type Original, type Originals } from "./originals.js";
import { cachePlace, type Environment, find, folderPlace } from "./places.js";

/** Public mirrors of the original files, tried in this order. */
const mirrors: readonly string[] = [
  "https://ossci-datasets.s3.amazonaws.com/mnist/",
  "https://storage.googleapis.com/cvdf-datasets/mnist/",
];

/** How far the download of one file has come, in bytes; `total` is null where the mirror does not say. */
export interface Progress {
  readonly file: string;
  readonly mirror: string;
  readonly received: number;
  readonly total: number | null;
}

export interface FetchOptions {
  /** The folder of data sets; the files go to its subfolder `mnist`. Absent: to the user's cache. */
  readonly folder?: string | undefined;
  /** URLs of folders with the four `.gz` files, tried in order; the one that served last goes first. */
  readonly mirrors?: readonly string[];
  readonly fetch?: typeof globalThis.fetch;
  readonly onProgress?: (progress: Progress) => void;
  /** How long a mirror may send nothing before the next one is tried, in milliseconds (> 0); 30,000 by default. */
  readonly timeout?: number;
  /** Stops the download; what was complete stays. */
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
 * Downloads those of the files that are not yet there or not right. A file gets its name only when the SHA-256 of its
 * content is right; until then it is a temporary file beside it.
 * @throws Error where every mirror failed or the folder cannot be written; the message says what to do.
 */
export async function fetchOriginals(originals: Originals, options: FetchOptions): Promise<Fetched> {
  const { folder, env = process.env } = options;
  const place = folder === undefined ? cachePlace(env) : folderPlace(folder);
  const [directory] = place.directories;
  const downloaded: string[] = [];
  const kept: string[] = [];
  let order = options.mirrors ?? mirrors;
  for (const original of inOrder(originals)) {
    const present = await find(place, original.name);
    if (present !== undefined && (await isRight(present, original))) {
      kept.push(original.name);
      continue;
    }
    const reasons: string[] = [];
    let served: string | undefined;
    for (const mirror of order) {
      try {
        const stored = await store(original, mirror, directory, options);
        // A wrong file of another spelling would be found before the right one.
        if (present !== undefined && present !== stored && dirname(present) === directory)
          await writing(directory, rm(present));
        served = mirror;
        break;
      } catch (error) {
        options.signal?.throwIfAborted();
        if (error instanceof FolderError) throw error;
        reasons.push(`${mirror} (${reasonOf(error)})`);
      }
    }
    if (served === undefined) throw allFailed(originals, original, reasons, directory);
    order = [served, ...order.filter((mirror) => mirror !== served)];
    downloaded.push(original.name);
  }
  return { directory, downloaded, kept };
}

/** The folder, not the mirror, is at fault: no other mirror would help. */
class FolderError extends Error {
  override name = "FolderError";
}

function allFailed(originals: Originals, { name }: Original, reasons: readonly string[], directory: string): Error {
  const files = inOrder(originals).map((original) => `${original.name}.gz`);
  return new Error(
    `dataset-mnist could not download ${name}.gz from ${reasons.join(" or ") || "any mirror, as none was given"}; try again later, or put ${files.join(", ")} into ${directory} by hand.`,
  );
}

async function isRight(path: string, { shape, sha256 }: Original): Promise<boolean> {
  try {
    return (await contentSha256(path, idxBytes(shape))) === sha256;
  } catch (error) {
    if (error instanceof DamagedFileError) return false;
    throw error;
  }
}

/** Downloads one file from one mirror, checks it and gives it its name. @returns its path. */
async function store(original: Original, mirror: string, directory: string, options: FetchOptions): Promise<string> {
  await writing(directory, mkdir(directory, { recursive: true }));
  const path = join(directory, `${original.name}.gz`);
  const temporary = join(directory, `.${basename(path)}.${randomUUID()}.part`);
  try {
    await download(original, mirror, temporary, options);
    const found = await contentSha256(temporary, idxBytes(original.shape)).catch((error: DamagedFileError) => {
      throw new Error(`what it sent ${error.problem}`, { cause: error });
    });
    if (found !== original.sha256) throw new Error(`what it sent ${alteredProblem(original.sha256, found)}`);
    await writing(directory, rename(temporary, path));
    return path;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function download(
  { name, shape }: Original,
  mirror: string,
  path: string,
  { fetch = globalThis.fetch, onProgress, timeout = 30_000, signal }: FetchOptions,
): Promise<void> {
  const url = new URL(`${name}.gz`, mirror.endsWith("/") ? mirror : `${mirror}/`);
  const limit = idxBytes(shape) + 65_536; // gzip makes nothing much larger
  const directory = dirname(path);
  const own = new AbortController();
  const stalled = (): void => own.abort(new Error(`nothing came for ${timeout / 1000} s`));
  const file = await writing(directory, open(path, "wx"));
  let timer = setTimeout(stalled, timeout);
  try {
    const response = await fetch(url, { signal: AbortSignal.any(signal ? [signal, own.signal] : [own.signal]) });
    if (!response.ok || response.body === null)
      throw new Error(`HTTP ${response.status} ${response.statusText}`.trim());
    const { headers } = response;
    // Where the connection itself is compressed, the announced length is not that of what comes out.
    const length = headers.has("content-encoding") ? null : headers.get("content-length");
    const total = length === null ? null : Number(length);
    let received = 0;
    for await (const chunk of response.body) {
      clearTimeout(timer);
      timer = setTimeout(stalled, timeout);
      received += chunk.length;
      if (received > limit) throw new Error(`it sent more than ${limit} bytes`);
      await writing(directory, file.writeFile(chunk)); // all of it, which `write` does not promise
      onProgress?.({ file: name, mirror, received, total });
    }
    await writing(directory, file.sync());
  } finally {
    clearTimeout(timer);
    own.abort(); // lets go of the connection where the answer was not read to its end
    await file.close();
  }
}

async function writing<T>(directory: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new FolderError(
      `dataset-mnist cannot write to ${directory} (${code ?? message}); make room or give yourself the right to, or choose another folder with --data.`,
      { cause: error },
    );
  }
}

/** What lies at the bottom: `fetch failed` alone helps nobody. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error && !(error.cause instanceof DamagedFileError)) return reasonOf(error.cause);
  return error.message || (error as NodeJS.ErrnoException).code || error.name;
}
