import { Parser, type ReadEntry } from "tar";
import { contentOf } from "./content.js";
import { pathProblem } from "./inside.js";
import { DamagedFileError } from "./publication.js";

const files: ReadonlySet<string> = new Set(["File", "OldFile", "ContiguousFile"]);
const folders: ReadonlySet<string> = new Set(["Directory", "GNUDumpDir"]);

/**
 * The files of these names in a `.tar.gz`, or in a plain `.tar`, by their names. Nothing is written to disk, and the memory
 * it takes is that of these files; others are passed over, piece by piece.
 * @param limit the most bytes that the files in it may have, all together
 * @throws DamagedFileError where it is cut off, broken, too long, or holds a link or a path that leads out of its folder
 */
export async function readArchive(
  path: string,
  names: readonly string[],
  limit: number,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const wanted = new Set(names);
  const found = new Map<string, Uint8Array>();
  let problem: string | undefined;
  let total = 0;

  function hear(entry: ReadEntry): void {
    const { type, size } = entry;
    const name = entry.path.replace(/^(\.\/)+/, "");
    total += size;
    problem ??= pathProblem(entry.path);
    if (!files.has(type) && !folders.has(type))
      problem ??= `holds ${entry.path}, which is ${/link$/i.test(type) ? `a link to ${entry.linkpath}` : "no file"}, where only files belong`;
    if (total > limit) problem ??= `is too long: it holds more than ${limit} bytes`;
    if (problem !== undefined || !wanted.has(name)) {
      entry.resume();
      return;
    }
    const content = new Uint8Array(size);
    let filled = 0;
    entry.on("data", (piece: Uint8Array) => {
      content.set(piece, filled);
      filled += piece.length;
    });
    entry.on("end", () => found.set(name, content));
  }

  const parser = new Parser({ strict: true, onReadEntry: hear });
  parser.on("error", (error: Error) => (problem ??= brokenTar(error)));
  for await (const chunk of contentOf(path)) {
    parser.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
    if (problem !== undefined) throw new DamagedFileError(path, problem);
  }
  parser.end();
  if (problem !== undefined) throw new DamagedFileError(path, problem);
  return found;
}

function brokenTar({ message }: Error): string {
  if (/truncated/i.test(message)) return "is truncated: its tar data end too early";
  return `has broken tar data (${message.replace(/^TAR_[A-Z_]+: /, "")})`;
}
