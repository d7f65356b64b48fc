import { open } from "node:fs/promises";
import { parseTar } from "nanotar";
import { contentOf } from "./content.js";
import { DamagedFileError } from "./publication.js";

/**
 * The files in a `.tar.gz`, by their names in it: views of one array, which is all the memory it takes.
 * Nothing is written to disk.
 * @param limit the most bytes that it may hold uncompressed
 * @throws DamagedFileError where it holds more or nothing, or its gzip or tar data are broken.
 */
export async function readArchive(path: string, limit: number): Promise<ReadonlyMap<string, Uint8Array>> {
  const content = new Uint8Array(await announced(path, limit));
  let length = 0;
  for await (const chunk of contentOf(path)) {
    if (length + chunk.length > content.length)
      throw new DamagedFileError(path, `is too long: it holds more than the ${content.length} bytes that it announces`);
    content.set(chunk, length);
    length += chunk.length;
  }
  if (length < content.length)
    throw new DamagedFileError(path, `is truncated: it holds ${length} of the ${content.length} bytes it announces`);
  const files = new Map(entries(path, content));
  if (files.size === 0) throw new DamagedFileError(path, "holds no files");
  return files;
}

function entries(path: string, content: Uint8Array): [string, Uint8Array][] {
  try {
    return parseTar(content).flatMap(({ type, name, data }) => (type === "file" && data ? [[name, data]] : []));
  } catch (error) {
    throw new DamagedFileError(path, `has broken tar data (${(error as Error).message})`, { cause: error });
  }
}

/** How many bytes a gzip file says that it holds, in its last four; below 4 GiB that is how many they are. */
async function announced(path: string, limit: number): Promise<number> {
  const end = new Uint8Array(4);
  const start = new Uint8Array(2);
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      await file.read(start, 0, 2, 0);
      await file.read(end, 0, 4, Math.max(0, size - 4));
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new DamagedFileError(path, `cannot be read (${(error as Error).message})`, { cause: error });
  }
  if (start[0] !== 0x1f || start[1] !== 0x8b) throw new DamagedFileError(path, "is no gzip file");
  const size = new DataView(end.buffer).getUint32(0, true);
  if (size > limit) throw new DamagedFileError(path, `is too long: it holds ${size} bytes, more than ${limit}`);
  return size;
}
