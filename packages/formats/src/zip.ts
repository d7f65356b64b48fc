import { Inflate, strFromU8 } from "fflate";
import { crc32 } from "./crc32.js";
import { FormatError } from "./error.js";
import { inflate } from "./inflate.js";

/** No file in an archive may be larger, in bytes. */
const most = 2 ** 31;

/** An archive larger than this, decompressed, may be so many times its own size: hostile ones are a thousand times. */
const [harmless, mostRatio] = [2 ** 28, 100];

/** What an archive's directory says of a file. */
interface Entry {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly sum: number;
  readonly compressed: number;
  readonly size: number;
  /** Where it begins in the archive. */
  readonly start: number;
}

/**
 * The files in a zip archive, by name. Each is decompressed when it is asked for, and its sum is checked.
 * @throws FormatError where the archive is truncated, altered, too large or no zip archive
 */
export function readZip(bytes: Uint8Array): ReadonlyMap<string, () => Uint8Array> {
  const entries = [...directoryOf(bytes)];
  const announced = entries.reduce((sum, { size }) => sum + size, 0);
  if (announced > Math.max(harmless, mostRatio * bytes.length))
    throw new FormatError(
      `is too large: it holds ${announced} bytes, more than ${mostRatio} times its own ${bytes.length}; store them uncompressed`,
    );
  return new Map(entries.map((entry) => [entry.name, () => contentOf(bytes, entry)]));
}

function* directoryOf(bytes: Uint8Array): Generator<Entry, void, undefined> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const { count, start } = directoryAt(view, endOf(view));
  let at = start;
  for (let i = 0; i < count; i++) {
    if (view.getUint32(within(bytes, at, 46), true) !== 0x02014b50) throw new FormatError("has a broken zip directory");
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true));
    const end = at + 46 + nameLength;
    within(bytes, at + 46, nameLength + extra);
    const [size, compressed, begin] = longer(view, end, extra, [
      view.getUint32(at + 24, true),
      view.getUint32(at + 20, true),
      view.getUint32(at + 42, true),
    ]);
    const entry = {
      name: strFromU8(bytes.subarray(at + 46, end)),
      flags: view.getUint16(at + 8, true),
      method: view.getUint16(at + 10, true),
      sum: view.getUint32(at + 16, true),
      ...{ compressed, size, start: begin },
    };
    if (entry.size > most) throw new FormatError(`is too large: ${entry.name} has more than ${most} bytes`);
    yield entry;
    at = end + extra + comment;
  }
}

/** What a field of 32 bits holds where zip64 has a longer one. */
const elsewhere = 0xffffffff;

/** The fields of an entry, those of which are longer that zip64 has in the entry's extra field, in this order. */
function longer(view: DataView, start: number, length: number, fields: readonly number[]): number[] {
  if (!fields.includes(elsewhere)) return [...fields];
  for (let at = start; at + 4 <= start + length; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue;
    let next = at + 4;
    const end = Math.min(next + view.getUint16(at + 2, true), start + length);
    return fields.map((field) => {
      if (field !== elsewhere) return field;
      if (next + 8 > end) throw new FormatError("has a broken zip directory");
      next += 8;
      return Number(view.getBigUint64(next - 8, true));
    });
  }
  throw new FormatError("has a broken zip directory");
}

/** How many entries a zip archive has and where its directory begins: in its last record, or in zip64's before that. */
function directoryAt(view: DataView, end: number): { count: number; start: number } {
  const [count, start] = [view.getUint16(end + 10, true), view.getUint32(end + 16, true)];
  if (count !== 0xffff && start !== elsewhere) return { count, start };
  const locator = end - 20;
  if (locator < 0 || view.getUint32(locator, true) !== 0x07064b50) return { count, start };
  const at = Number(view.getBigUint64(locator + 8, true));
  if (at + 56 > locator || view.getUint32(at, true) !== 0x06064b50) throw new FormatError("has a broken zip directory");
  return { count: Number(view.getBigUint64(at + 32, true)), start: Number(view.getBigUint64(at + 48, true)) };
}

function contentOf(bytes: Uint8Array, { name, flags, method, sum, compressed, size, start }: Entry): Uint8Array {
  if ((flags & 1) !== 0) throw new FormatError(`is encrypted: ${name} cannot be read`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint32(within(bytes, start, 30), true) !== 0x04034b50)
    throw new FormatError(`has broken zip data in ${name}`);
  const at = start + 30 + view.getUint16(start + 26, true) + view.getUint16(start + 28, true);
  const data = bytes.subarray(within(bytes, at, compressed), at + compressed);
  if (method !== 0 && method !== 8) throw new FormatError(`has ${name} compressed in a way that is not known`);
  const content = method === 0 ? data : inflate(Inflate, data, size, name);
  if (content.length !== size || crc32(content) !== sum)
    throw new FormatError(`is altered: the sum of ${name} is wrong`);
  return content;
}

/** Where so many bytes begin. @throws FormatError where they are not all there */
function within(bytes: Uint8Array, at: number, length: number): number {
  if (at + length > bytes.length) throw new FormatError("is truncated or altered: its directory leads beyond its end");
  return at;
}

/** Where the record is that ends a zip archive: in its last 22 bytes, or before a comment. */
function endOf(view: DataView): number {
  for (let at = view.byteLength - 22; at >= 0 && at >= view.byteLength - 22 - 0xffff; at--)
    if (view.getUint32(at, true) === 0x06054b50) return at;
  throw new FormatError("is truncated, or no zip archive: it has no directory at its end");
}
