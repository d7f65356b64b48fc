import { strFromU8, strToU8 } from "fflate";
import { joined } from "./bytes.js";
import { FormatError } from "./error.js";

/** An array of numbers as NumPy saves it, the last index running fastest. */
export interface NumpyArray {
  readonly shape: readonly number[];
  /** NumPy's letter: u and i are integers, f are floats, b are truth values, 0 or 1. */
  readonly kind: "u" | "i" | "f" | "b";
  /**
   * Integers of 64 bits as floats of 64, floats of 16 bits as floats of 32. Where the file has the values as this machine has
   * them, a view of it.
   */
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

/** An array of texts as NumPy saves it, the last index running fastest. */
export interface NumpyTexts {
  readonly shape: readonly number[];
  /** NumPy's letter for text, whether it was saved as Unicode or as bytes. */
  readonly kind: "U";
  readonly values: readonly string[];
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
  f2: Uint16Array,
  f4: Float32Array,
  f8: Float64Array,
  b1: Uint8Array,
};

const magic = strToU8("\x93NUMPY", true);
const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/**
 * Reads an array in NumPy's format (NEP 1) in either order of bytes: of integers, of floats of 16, 32 or 64 bits, of truth
 * values or of texts. One in Fortran's order is put into C's.
 * @param name what the array is called in messages
 * @throws FormatError where it is truncated, or of other values
 */
export function readNpy(name: string, bytes: Uint8Array): NumpyArray | NumpyTexts {
  const { type, order, shape, start } = readHeader(name, bytes);
  const [, endian = "", letter = "", size = ""] = /^([<>|=])([uifbUS])(\d{1,9})$/.exec(type) ?? [];
  const text = letter === "U" || letter === "S";
  const Holder = text ? Uint8Array : holders[letter + size];
  if (Holder === undefined)
    throw new FormatError(
      `holds ${name} of NumPy's type ${type}, where integers, floats of 16, 32 or 64 bits, truth values or texts are needed`,
    );
  const width = Number(size) * (letter === "U" ? 4 : 1);
  const length = shape.reduce((product, n) => product * n, 1);
  if (bytes.length - start !== length * width)
    throw new FormatError(
      `holds ${name}, which has ${bytes.length - start} bytes where its shape (${shape.join(", ")}) needs ${length * width}`,
    );
  const inOrder = <A extends ArrayLike<unknown>>(values: A): A =>
    order === "True" ? fromFortran(values, shape) : values;
  if (text) {
    const big = endian === ">";
    const read =
      letter === "U"
        ? (at: number) => unicodeAt(name, bytes, at, width, big)
        : (at: number) => textAt(bytes, at, width);
    return { shape, kind: "U", values: inOrder(Array.from({ length }, (_, i) => read(start + i * width))) };
  }
  const swapped = width > 1 && (endian === ">") === littleEndian;
  const data = arranged(bytes.subarray(start), width, swapped);
  const values = new Holder(data.buffer, data.byteOffset, length);
  const kind = letter as NumpyArray["kind"];
  return {
    shape,
    kind,
    values: inOrder(letter + size === "f2" ? fromHalves(values as Uint16Array) : asNumbers(values)),
  };
}

function asNumbers(values: InstanceType<Holder>): NumpyArray["values"] {
  if (!(values instanceof BigInt64Array || values instanceof BigUint64Array)) return values;
  const floats = new Float64Array(values.length);
  for (let i = 0; i < floats.length; i++) floats[i] = Number(values[i]);
  return floats;
}

/** Floats of 16 bits as such of 32: IEEE 754's binary16 has a sign, 5 bits of exponent and 10 of the fraction. */
export function fromHalves(halves: Uint16Array): Float32Array {
  const floats = new Float32Array(halves.length);
  for (let i = 0; i < floats.length; i++) {
    const [sign, exponent, fraction] = [halves[i] >> 15, (halves[i] >> 10) & 31, halves[i] & 1023];
    const value =
      exponent === 0
        ? fraction / 2 ** 24
        : exponent === 31
          ? fraction === 0
            ? Infinity
            : Number.NaN
          : (1024 + fraction) * powers[exponent];
    floats[i] = sign === 1 ? -value : value;
  }
  return floats;
}

/** 2^(e − 25), by e from 0 to 31: exact, where a power of Math need not be. */
const powers = Array.from({ length: 32 }, (_, e) => (e < 25 ? 1 / (1 << (25 - e)) : 1 << (e - 25)));

/** Values whose first index runs fastest, with the last one running fastest instead. */
function fromFortran<A extends ArrayLike<unknown>>(values: A, shape: readonly number[]): A {
  const strides: number[] = [];
  shape.reduce((stride, n) => {
    strides.push(stride);
    return stride * n;
  }, 1);
  const at = shape.map(() => 0);
  const from = (): number => at.reduce((place, index, axis) => place + index * strides[axis], 0);
  const ordered = (values as unknown as { slice(): Record<number, unknown> }).slice();
  for (let to = 0; to < values.length; to++) {
    ordered[to] = values[from()];
    for (let axis = shape.length - 1; axis >= 0 && ++at[axis] === shape[axis]; axis--) at[axis] = 0;
  }
  return ordered as unknown as A;
}

/** A text of up to `width` bytes, which zeros end. */
function textAt(bytes: Uint8Array, at: number, width: number): string {
  let end = at + width;
  while (end > at && bytes[end - 1] === 0) end--;
  return strFromU8(bytes.subarray(at, end));
}

/** A text of up to `width` / 4 code points of four bytes each, which zeros end. */
function unicodeAt(name: string, bytes: Uint8Array, at: number, width: number, big: boolean): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, width);
  const points = Array.from({ length: width / 4 }, (_, i) => view.getUint32(4 * i, !big));
  while (points.at(-1) === 0) points.pop();
  if (points.some((point) => point > 0x10ffff)) throw new FormatError(`holds ${name} with a text that is no Unicode`);
  return String.fromCodePoint(...points);
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
