import { FormatError } from "@everlearn/formats";
import { type FileMetaData, parquetMetadataAsync, parquetRead, parquetSchema } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import type { Table, Values } from "./table.js";

/** A Parquet file: a column of lists is an array of two dimensions, any other one of one dimension. */
export async function parquetTable(path: string, bytes: Uint8Array): Promise<Table> {
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const metadata = await reading(() => parquetMetadataAsync(file));
  const { children } = parquetSchema(metadata);
  const lists = new Set(children.filter((column) => column.children.length > 0).map(({ element }) => element.name));
  return {
    path,
    // What pandas keeps of an index is no column of the user's.
    names: children.map(({ element }) => element.name).filter((name) => !name.startsWith("__index_level_")),
    columns: true,
    flat: (name) => !lists.has(name),
    async read(name) {
      const values = await reading(() => columnOf(file, metadata, name));
      return lists.has(name) ? listsOf(name, values) : valuesOf(name, values);
    },
  };
}

async function columnOf(file: ArrayBuffer, metadata: FileMetaData, name: string): Promise<unknown[]> {
  const values: unknown[] = [];
  await parquetRead({
    ...{ file, metadata, compressors, columns: [name] },
    onComplete(rows: readonly (readonly unknown[] | Readonly<Record<string, unknown>>)[]) {
      for (const row of rows) values.push(Array.isArray(row) ? row[0] : (row as Record<string, unknown>)[name]);
    },
  });
  return values;
}

async function reading<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new FormatError(`is a Parquet file that cannot be read (${(error as Error).message})`, { cause: error });
  }
}

/** Lists of equal lengths, one after the other. */
function listsOf(name: string, rows: readonly unknown[]): Values {
  const lists = rows as readonly (ArrayLike<unknown> | null | undefined)[];
  const size = lists[0]?.length ?? 0;
  const odd = lists.findIndex((list) => list?.length !== size);
  if (odd >= 0)
    throw new FormatError(
      `holds lists of different lengths in ${name}: ${size} values in the first, ${lists[odd]?.length ?? "none"} in row ${odd}`,
    );
  const values = new Float64Array(lists.length * size);
  for (const [row, list] of lists.entries())
    for (let i = 0; i < size; i++) values[row * size + i] = numberIn(name, row, list?.[i]);
  return { shape: [lists.length, size], kind: "f", values };
}

function valuesOf(name: string, values: readonly unknown[]): Values {
  const shape = [values.length];
  const missing = values.findIndex((value) => value === null || value === undefined);
  if (missing >= 0) throw new FormatError(`holds no value in row ${missing} of ${name}`);
  if (values.every((value) => typeof value === "string")) return { shape, kind: "U", values };
  if (values.every((value) => typeof value === "boolean")) return { shape, kind: "b", values: values.map(Number) };
  return { shape, kind: "f", values: Float64Array.from(values, (value, row) => numberIn(name, row, value)) };
}

function numberIn(name: string, row: number, value: unknown): number {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  throw new FormatError(
    `holds ${value === null || value === undefined ? "no value" : "no number"} in row ${row} of ${name}`,
  );
}
