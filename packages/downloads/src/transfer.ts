import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { DamagedFileError, type Publication } from "./publication.js";
import { FolderError, writing } from "./writing.js";

/** One file on its way from one mirror to one new file. */
export interface Transfer {
  readonly publication: Publication;
  readonly url: URL;
  /** The file to write, which does not exist yet. */
  readonly path: string;
  /** The most bytes that may come. */
  readonly limit: number;
  readonly fetch: typeof globalThis.fetch;
  /** How long nothing may come, and how long to wait after a break, in milliseconds. */
  readonly timeout: number;
  readonly pause: number;
  readonly signal: AbortSignal | undefined;
  onProgress(received: number, total: number | null): void;
}

/** What came so far: how many bytes, and of what, as the mirror tells one content from another. */
interface State {
  received: number;
  version: string | null;
}

/** The mirror refused; asking again would not help. */
class RefusedError extends Error {
  override name = "RefusedError";
}

/** How often in a row an attempt to go on may bring nothing more. */
const patience = 3;

/**
 * Writes what the mirror sends. Once something came, a transfer that breaks off is taken up again.
 * @throws Error where that fails, with the reason as a phrase; FolderError where the folder is at fault
 */
export async function transfer(work: Transfer): Promise<void> {
  const directory = dirname(work.path);
  const file = await writing(work.publication, directory, open(work.path, "wx"));
  const state: State = { received: 0, version: null };
  let most = 0;
  let barren = 0;
  try {
    for (;;) {
      try {
        await attempt(work, file, state);
        break;
      } catch (error) {
        work.signal?.throwIfAborted();
        barren = state.received > most ? 0 : barren + 1;
        most = Math.max(most, state.received);
        const hopeless = error instanceof FolderError || error instanceof RefusedError;
        if (hopeless || most === 0 || barren === patience) throw error;
        await wait(work.pause * (1 << barren), undefined, work.signal ? { signal: work.signal } : {});
      }
    }
    await writing(work.publication, directory, file.sync());
  } finally {
    await file.close();
  }
}

/** Makes one request, for the whole file or for the rest of it. */
async function attempt(work: Transfer, file: FileHandle, state: State): Promise<void> {
  const { publication, url, path, limit, fetch, timeout, signal, onProgress } = work;
  const directory = dirname(path);
  const own = new AbortController();
  const stalled = (): void => own.abort(new Error(`nothing came for ${timeout / 1000} s`));
  let timer = setTimeout(stalled, timeout);
  try {
    const resumes = state.received > 0 && state.version !== null;
    const response = await fetch(url, {
      headers: resumes ? { range: `bytes=${state.received}-`, "if-range": state.version as string } : {},
      signal: AbortSignal.any(signal ? [signal, own.signal] : [own.signal]),
    });
    if (!response.ok || response.body === null)
      throw new RefusedError(`HTTP ${response.status} ${response.statusText}`.trim());
    const { headers } = response;
    const rest = resumes && headers.get("content-range")?.startsWith(`bytes ${state.received}-`);
    if (response.status === 206 && !rest) throw new RefusedError("it sent another part than the one asked for");
    if (!rest) {
      await writing(publication, directory, file.truncate(0));
      state.received = 0;
    }
    // Where the connection itself is compressed, lengths and places are not those of what comes out.
    const encoded = headers.has("content-encoding");
    const etag = headers.get("etag");
    state.version = encoded ? null : etag?.startsWith('"') ? etag : headers.get("last-modified");
    const length = encoded ? null : headers.get("content-length");
    const total = length === null ? null : state.received + Number(length);
    for await (const chunk of response.body) {
      clearTimeout(timer);
      timer = setTimeout(stalled, timeout);
      if (state.received + chunk.length > limit) throw new RefusedError(`it sent more than ${limit} bytes`);
      await writing(publication, directory, put(file, chunk, state.received));
      state.received += chunk.length;
      onProgress(state.received, total);
    }
  } finally {
    clearTimeout(timer);
    own.abort(); // lets go of the connection where the answer was not read to its end
  }
}

/** All of the bytes, which `write` alone does not promise. */
async function put(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

/** What lies at the bottom: `fetch failed` alone helps nobody. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error && !(error.cause instanceof DamagedFileError)) return reasonOf(error.cause);
  return error.message || (error as NodeJS.ErrnoException).code || error.name;
}
