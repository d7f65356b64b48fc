import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { parse } from "csv-parse/sync";

/** A file of named columns, as text. */
export interface Table {
  readonly path: string;
  readonly names: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** No file may be larger, in bytes, nor what is compressed in one: text of JavaScript has no more characters. */
const most = 2 ** 29 - 25;

/** A refusal of a file, in one sentence. */
export function refusal(path: string, problem: string, cause?: unknown): Error {
  return new Error(`dataset-csv: ${path} ${problem}.`, cause === undefined ? {} : { cause });
}

/** Reads a file with a header; lines are numbered from 1, the header's. @throws Error where it is not there, or no such */
export async function readTable(folder: string | undefined, path: string): Promise<Table> {
  const place = resolve(folder || ".", path);
  const found = await stat(place).catch(() => undefined);
  if (found === undefined)
    throw new Error(
      `dataset-csv found nothing at ${place}; a path is absolute, or within the folder that --data or EVERLEARN_DATA names.`,
    );
  if (!found.isFile()) throw refusal(place, "is no file; name a .csv or .csv.gz file");
  if (found.size > most) throw refusal(place, `is too large: ${found.size} bytes, of which ${most} can be read`);
  const bytes = await readFile(place);
  const [names, ...rows] = parsed(place, bytes[0] === 0x1f && bytes[1] === 0x8b ? unzipped(place, bytes) : bytes);
  if (names === undefined || rows.length === 0)
    throw refusal(place, "holds no examples; it needs a header line and a line for each");
  const twice = names.find((name, j) => names.indexOf(name) !== j);
  if (twice !== undefined) throw refusal(place, `has two columns called ${twice}; rename one of them`);
  if (names.length < 2)
    throw refusal(place, "has one column, where inputs and a class take two; separate them by commas");
  return { path: place, names, rows };
}

function parsed(path: string, bytes: Uint8Array): string[][] {
  try {
    return parse(bytes, { bom: true, trim: true, skip_empty_lines: true });
  } catch (error) {
    throw refusal(path, `is no CSV file that can be read (${(error as Error).message})`, error);
  }
}

function unzipped(path: string, bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: most });
  } catch (error) {
    throw refusal(path, `cannot be decompressed (${(error as Error).message})`, error);
  }
}
