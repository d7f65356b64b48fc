import { strFromU8, strToU8 } from "fflate";
import { joined } from "./bytes.js";
import { FormatError } from "./error.js";

/** An array as NumPy saves it, the last index running fastest. */
export interface NumpyArray {
  readonly shape: readonly number[];
  /** NumPy's letter: u and i are integers, f are floats. */
  readonly kind: "u" | "i" | "f";
  /** Integers of 64 bits as floats of 64. Where the file has the values as this machine has them, a view of it. */
  readonly values:
    | Uint8Array
    | Int8Array
    | Uint16Array
    | Int16Array
    | Uint32Array
    | Int32Array
    | Float32Array
    | Float64Array;
}

type Holder = new (
  buffer: ArrayBufferLike,
  start: number,
  length: number,
) => NumpyArray["values"] | BigInt64Array | BigUint64Array;

/** What holds the values of a type: NumPy's letter and the number of bytes. */
const holders: Readonly<Record<string, Holder | undefined>> = {
  u1: Uint8Array,
  i1: Int8Array,
  u2: Uint16Array,
  i2: Int16Array,
  u4: Uint32Array,
  i4: Int32Array,
  u8: BigUint64Array,
  i8: BigInt64Array,
  f4: Float32Array,
  f8: Float64Array,
};

const magic = strToU8("\x93NUMPY", true);
const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/**
 * Reads an array in NumPy's format (NEP 1), of integers or of floats of 32 or 64 bits, in either order of bytes.
 * @param name what the array is called in messages
 * @throws FormatError where it is truncated, of other values, or in Fortran's order
 */
export function readNpy(name: string, bytes: Uint8Array): NumpyArray {
  const { type, order, shape, start } = readHeader(name, bytes);
  const [, endian, letters = ""] = /^([<>|=])([uif]\d)$/.exec(type) ?? [];
  const Holder = holders[letters];
  if (Holder === undefined)
    throw new FormatError(
      `holds ${name} of NumPy's type ${type}, where integers or floats of 32 or 64 bits are needed`,
    );
  if (order === "True") throw new FormatError(`holds ${name} in Fortran's order; save np.ascontiguousarray of it`);
  const length = shape.reduce((product, size) => product * size, 1);
  const width = Number(letters[1]);
  if (bytes.length - start !== length * width)
    throw new FormatError(
      `holds ${name}, which has ${bytes.length - start} bytes where its shape (${shape.join(", ")}) needs ${length * width}`,
    );
  const swapped = width > 1 && (endian === ">") === littleEndian;
  const data = arranged(bytes.subarray(start), width, swapped);
  const values = new Holder(data.buffer, data.byteOffset, length);
  const kind = letters[0] as NumpyArray["kind"];
  if (!(values instanceof BigInt64Array || values instanceof BigUint64Array)) return { shape, kind, values };
  const floats = new Float64Array(length);
  for (let i = 0; i < length; i++) floats[i] = Number(values[i]);
  return { shape, kind, values: floats };
}

function readHeader(name: string, bytes: Uint8Array) {
  if (bytes.length < 12 || magic.some((byte, i) => bytes[i] !== byte))
    throw new FormatError(`holds ${name}, which is no NumPy array`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const long = bytes[6] > 1; // versions 2 and 3 have room for longer headers
  const begin = long ? 12 : 10;
  const start = begin + (long ? view.getUint32(8, true) : view.getUint16(8, true));
  if (start > bytes.length) throw new FormatError(`holds ${name}, which is truncated`);
  const header = strFromU8(bytes.subarray(begin, start), true);
  const [, type = "with fields"] = /'descr': *'([^']*)'/.exec(header) ?? [];
  const [, order] = /'fortran_order': *(True|False)/.exec(header) ?? [];
  const [, sizes] = /'shape': *\(([\d, ]*)\)/.exec(header) ?? [];
  if (order === undefined || sizes === undefined)
    throw new FormatError(`holds ${name}, whose NumPy header cannot be read`);
  const shape = sizes
    .split(",")
    .filter((size) => size.trim() !== "")
    .map(Number);
  return { type, order, shape, start };
}

/** The data in this machine's order of bytes, where a typed array can begin; a copy only where they are not so. */
function arranged(data: Uint8Array, width: number, swapped: boolean): Uint8Array {
  if (!swapped && data.byteOffset % width === 0) return data;
  const copy = new Uint8Array(data);
  if (swapped) for (let at = 0; at < copy.length; at += width) copy.subarray(at, at + width).reverse();
  return copy;
}

/** A vector as a file of NumPy's format 1.0, which `numpy.load` reads: little-endian float32, one dimension. */
export function npy(values: Float32Array): Uint8Array {
  const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': (${values.length},), }`;
  // The data begin at a multiple of 64 bytes, after a line break.
  const before = magic.length + 4;
  const header = strToU8(`${dictionary.padEnd(64 * Math.ceil((before + dictionary.length + 1) / 64) - before - 1)}\n`);
  const data = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return joined([
    magic,
    Uint8Array.of(1, 0, header.length, header.length >>> 8),
    header,
    arranged(data, 4, !littleEndian),
  ]);
}
