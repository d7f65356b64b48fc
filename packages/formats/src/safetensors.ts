import { strFromU8 } from "fflate";
import { FormatError } from "./error.js";
import { fromHalves } from "./npy.js";

/** A tensor of numbers, the last index running fastest. */
export interface SafetensorsArray {
  readonly shape: readonly number[];
  /** u and i are integers, f are floats, b are truth values, 0 or 1. */
  readonly kind: "u" | "i" | "f" | "b";
  /** Integers of 64 bits as floats of 64, floats of 16 bits as floats of 32. */
  readonly values: ArrayLike<number>;
}

/** What the header says of a tensor. */
interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [begin: number, end: number];
}

/** By its name, how a type's values are read: all are little-endian. */
const types: Readonly<
  Record<
    string,
    readonly [
      kind: SafetensorsArray["kind"],
      width: number,
      read: (data: DataView, length: number) => SafetensorsArray["values"],
    ]
  >
> = {
  BOOL: ["b", 1, (view, n) => Uint8Array.from({ length: n }, (_, i) => view.getUint8(i))],
  U8: ["u", 1, (view, n) => Uint8Array.from({ length: n }, (_, i) => view.getUint8(i))],
  I8: ["i", 1, (view, n) => Int8Array.from({ length: n }, (_, i) => view.getInt8(i))],
  U16: ["u", 2, (view, n) => Uint16Array.from({ length: n }, (_, i) => view.getUint16(2 * i, true))],
  I16: ["i", 2, (view, n) => Int16Array.from({ length: n }, (_, i) => view.getInt16(2 * i, true))],
  U32: ["u", 4, (view, n) => Uint32Array.from({ length: n }, (_, i) => view.getUint32(4 * i, true))],
  I32: ["i", 4, (view, n) => Int32Array.from({ length: n }, (_, i) => view.getInt32(4 * i, true))],
  U64: ["u", 8, (view, n) => Float64Array.from({ length: n }, (_, i) => Number(view.getBigUint64(8 * i, true)))],
  I64: ["i", 8, (view, n) => Float64Array.from({ length: n }, (_, i) => Number(view.getBigInt64(8 * i, true)))],
  F16: ["f", 2, (view, n) => fromHalves(Uint16Array.from({ length: n }, (_, i) => view.getUint16(2 * i, true)))],
  BF16: ["f", 2, (view, n) => fromUpper(Uint32Array.from({ length: n }, (_, i) => view.getUint16(2 * i, true) << 16))],
  F32: ["f", 4, (view, n) => Float32Array.from({ length: n }, (_, i) => view.getFloat32(4 * i, true))],
  F64: ["f", 8, (view, n) => Float64Array.from({ length: n }, (_, i) => view.getFloat64(8 * i, true))],
};

/** Brain floats are the upper 16 bits of floats of 32. */
const fromUpper = (words: Uint32Array): Float32Array => new Float32Array(words.buffer);

/**
 * Reads a file of safetensors (github.com/huggingface/safetensors): tensors by name, each read when it is asked for.
 * @throws FormatError where it is truncated, or no such file
 */
export function readSafetensors(bytes: Uint8Array): ReadonlyMap<string, () => SafetensorsArray> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const size = bytes.length < 8 ? 0 : Number(view.getBigUint64(0, true));
  const start = 8 + size;
  if (size < 2 || start > bytes.length)
    throw new FormatError("is truncated, or no file of safetensors: its header does not fit into it");
  return new Map(
    Object.entries(headerOf(bytes.subarray(8, start)))
      .filter(([name]) => name !== "__metadata__")
      .map(([name, entry]) => [name, () => tensorOf(name, entry, bytes.subarray(start))]),
  );
}

function headerOf(bytes: Uint8Array): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(strFromU8(bytes));
    if (typeof header === "object" && header !== null) return header as Record<string, unknown>;
  } catch {
    // Whatever it is, it is none.
  }
  throw new FormatError("is no file of safetensors: its header is not JSON");
}

function tensorOf(name: string, entry: unknown, data: Uint8Array): SafetensorsArray {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Partial<Entry>;
  const counts = (list: unknown): list is number[] =>
    Array.isArray(list) && list.every((n) => Number.isSafeInteger(n) && n >= 0);
  if (typeof dtype !== "string" || !counts(shape) || !counts(offsets) || offsets.length !== 2)
    throw new FormatError(`holds ${name}, of which the header of safetensors does not say type, shape and place`);
  const type = Object.hasOwn(types, dtype) ? types[dtype] : undefined;
  if (type === undefined) throw new FormatError(`holds ${name} of the type ${dtype}, which cannot be read`);
  const [kind, width, read] = type;
  const [begin, end] = offsets;
  const length = shape.reduce((product, n) => product * n, 1);
  if (end - begin !== length * width)
    throw new FormatError(
      `holds ${name}, which has ${end - begin} bytes where its shape (${shape.join(", ")}) needs ${length * width}`,
    );
  if (end > data.length) throw new FormatError(`is truncated: ${name} ends after its end`);
  return { shape, kind, values: read(new DataView(data.buffer, data.byteOffset + begin, end - begin), length) };
}
