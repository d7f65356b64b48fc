import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { crc32 } from "node:zlib";
import { type Entry, openPromise, type ZipFile } from "yauzl";
import { pathProblem } from "./inside.js";
import { DamagedFileError } from "./publication.js";

/** The files below a folder, or in a zip archive, by their paths with "/". */
export interface Tree {
  /** Where it is: the folder's or the archive's path. */
  readonly path: string;
  /** All of them, in the order of their paths' UTF-16 code units. */
  readonly files: readonly string[];
  /** The content of one. @throws DamagedFileError where it is damaged or too large */
  read(file: string): Promise<Uint8Array>;
  /** Gives back what holds it open; it cannot be read afterwards. */
  close(): Promise<void>;
}

/** No file may be larger, in bytes: they are pictures and lists. */
const most = 2 ** 26;
/** A tree may have so many files. */
const mostFiles = 2_000_000;

/**
 * Opens a folder or a zip archive. Of an archive, its directory is in memory; a file is decompressed when it is read.
 * @throws DamagedFileError where it is no zip archive, or holds a link or a path that leads out of its folder
 */
export async function openTree(path: string): Promise<Tree> {
  const found = await stat(path);
  return found.isDirectory() ? folderTree(path) : zipTree(path);
}

async function folderTree(path: string): Promise<Tree> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && !isLeftover(entry.name))
    .map((entry) => relative(path, join(entry.parentPath, entry.name)).split(sep).join("/"));
  return {
    path,
    files: files.toSorted(),
    async read(file) {
      const own = join(path, file);
      const { size } = await stat(own);
      if (size > most) throw new DamagedFileError(own, `is too large: ${size} bytes, more than ${most}`);
      return readFile(own);
    },
    close: async () => {},
  };
}

/** What file managers leave for themselves. */
const isLeftover = (name: string): boolean => name.startsWith(".") || name === "Thumbs.db";

async function zipTree(path: string): Promise<Tree> {
  const fail = (problem: string, cause?: unknown): DamagedFileError => new DamagedFileError(path, problem, { cause });
  const zip = await openPromise(path, { autoClose: false }).catch((error: unknown) => {
    throw fail(zipProblem(error), error);
  });
  const entries = new Map<string, Entry>();
  try {
    for await (const entry of zip.eachEntry()) {
      const { fileName, uncompressedSize } = entry;
      const problem = pathProblem(fileName) ?? linkProblem(entry);
      if (problem !== undefined) throw fail(problem);
      if (fileName.endsWith("/") || isMac(fileName)) continue;
      if (uncompressedSize > most)
        throw fail(`is too large: ${fileName} in it has ${uncompressedSize} bytes, more than ${most}`);
      if (entries.size === mostFiles) throw fail(`holds more than ${mostFiles} files`);
      entries.set(fileName, entry);
    }
  } catch (error) {
    zip.close();
    throw error instanceof DamagedFileError ? error : fail(zipProblem(error), error);
  }
  return {
    path,
    files: [...entries.keys()].toSorted(),
    async read(file) {
      const entry = entries.get(file);
      if (entry === undefined) throw fail(`holds no ${file}`);
      return contentOf(zip, entry).catch((error: unknown) => {
        throw error instanceof DamagedFileError
          ? error
          : fail(`has broken data in ${file} (${messageOf(error)})`, error);
      });
    },
    close: async () => zip.close(),
  };

  async function contentOf(from: ZipFile, entry: Entry): Promise<Uint8Array> {
    if (entry.isEncrypted()) throw fail(`is encrypted: ${entry.fileName} cannot be read`);
    const content = new Uint8Array(entry.uncompressedSize);
    let filled = 0;
    for await (const piece of await from.openReadStreamPromise(entry)) {
      content.set(piece as Uint8Array, filled);
      filled += (piece as Uint8Array).length;
    }
    if (crc32(content) !== entry.crc32) throw fail(`is altered: the sum of ${entry.fileName} is wrong`);
    return content;
  }
}

/** What macOS leaves in archives. */
const isMac = (path: string): boolean => path.startsWith("__MACOSX/") || path.split("/").some(isLeftover);

/** A link is a file whose Unix mode says so. */
function linkProblem({ externalFileAttributes, fileName }: Entry): string | undefined {
  const isLink = ((externalFileAttributes >>> 16) & 0o170000) === 0o120000;
  return isLink ? `holds ${fileName}, which is a link, where only files belong` : undefined;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function zipProblem(error: unknown): string {
  const message = messageOf(error);
  if (/^(invalid relative path|absolute path|invalid characters in fileName)/i.test(message))
    return `holds the path ${message.replace(/^[^:]*: /, "")}, which leads out of its folder`;
  if (/end of central directory|signature/i.test(message)) return "is truncated, or no zip archive";
  return `has broken zip data (${message})`;
}
