import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { FormatError, readNpy, readNpz, readSafetensors } from "@everlearn/formats";
import { parquetTable } from "./parquet.js";
import type { Table, Values } from "./table.js";

/** No file may be larger, in bytes. */
const most = 2 ** 31 - 1;

/**
 * Opens a file, whose first bytes tell what it is.
 * @throws Error where there is none, or it is too large or of another kind; the message names it
 */
export async function tableAt(folder: string | undefined, path: string): Promise<Table> {
  const place = resolve(folder || ".", path);
  const found = await stat(place).catch(() => undefined);
  if (found === undefined)
    throw new Error(
      `dataset-embeddings found nothing at ${place}; a path is absolute, or within the folder that --data or EVERLEARN_DATA names.`,
    );
  return naming(place, async () => {
    if (!found.isFile()) throw new FormatError("is no file; name an .npz, .npy, .safetensors or .parquet file");
    if (found.size > most)
      throw new FormatError(
        `is too large: ${found.size} bytes, of which ${most} can be read; save the features as floats of 16 bits, or fewer of them`,
      );
    return opened(place, await readFile(place));
  });
}

async function opened(path: string, bytes: Uint8Array): Promise<Table> {
  const begins = (text: string): boolean => Buffer.from(text, "latin1").every((byte, i) => bytes[i] === byte);
  const arrays = (map: ReadonlyMap<string, () => Values>): Table => {
    const read = (name: string): Values => (map.get(name) as () => Values)();
    return { path, names: [...map.keys()], columns: false, flat: (name) => (read(name).shape[1] ?? 1) === 1, read };
  };
  if (begins("\x93NUMPY")) return arrays(new Map([["the array", () => readNpy("the array", bytes)]]));
  if (begins("PK")) return arrays(readNpz(bytes));
  if (begins("PAR1")) return parquetTable(path, bytes);
  if (/\.safetensors$/i.test(path)) return arrays(readSafetensors(bytes));
  throw new FormatError(
    bytes.length === 0 ? "is empty" : "is no .npz, .npy, .safetensors or .parquet file, or is damaged at its beginning",
  );
}

/** @throws Error for a FormatError, with the sentence that names the file */
export async function naming<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new Error(`dataset-embeddings: ${path} ${error.message}.`, { cause: error });
  }
}
