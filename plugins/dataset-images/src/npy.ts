import { ProblemError } from "./raster.js";

type Values =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** An array as NumPy saves it, the last index running fastest. */
export interface NumpyArray {
  readonly shape: readonly number[];
  /** NumPy's letter: u and i are integers, f are floats. */
  readonly kind: "u" | "i" | "f";
  /** Integers of 64 bits as floats of 64. */
  readonly values: Values;
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY

/** What reads one value, by NumPy's letter and the number of bytes. */
const readers: Readonly<Record<string, (view: DataView, at: number, little: boolean) => number>> = {
  u1: (view, at) => view.getUint8(at),
  i1: (view, at) => view.getInt8(at),
  u2: (view, at, little) => view.getUint16(at, little),
  i2: (view, at, little) => view.getInt16(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  u8: (view, at, little) => Number(view.getBigUint64(at, little)),
  i8: (view, at, little) => Number(view.getBigInt64(at, little)),
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
};

const makers: Readonly<Record<string, new (length: number) => Values>> = {
  u1: Uint8Array,
  i1: Int8Array,
  u2: Uint16Array,
  i2: Int16Array,
  u4: Uint32Array,
  i4: Int32Array,
  u8: Float64Array,
  i8: Float64Array,
  f4: Float32Array,
  f8: Float64Array,
};

/**
 * Reads an array in NumPy's format (NEP 1), of integers or of floats of 32 or 64 bits, in either order of bytes.
 * @param name what the array is called in messages
 * @throws ProblemError where it is truncated, of other values, or in Fortran's order
 */
export function readNpy(name: string, bytes: Uint8Array): NumpyArray {
  if (bytes.length < 12 || magic.some((byte, i) => bytes[i] !== byte))
    throw new ProblemError(`holds ${name}, which is no NumPy array`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const long = bytes[6] > 1; // version 2 and 3 have room for longer headers
  const start = (long ? 12 : 10) + (long ? view.getUint32(8, true) : view.getUint16(8, true));
  if (start > bytes.length) throw new ProblemError(`holds ${name}, which is truncated`);
  const header = new TextDecoder("latin1").decode(bytes.subarray(long ? 12 : 10, start));
  const [, type] = /'descr': *'([^']*)'/.exec(header) ?? [];
  const [, order] = /'fortran_order': *(True|False)/.exec(header) ?? [];
  const [, sizes] = /'shape': *\(([\d, ]*)\)/.exec(header) ?? [];
  if (order === undefined || sizes === undefined)
    throw new ProblemError(`holds ${name}, whose NumPy header cannot be read`);
  const [, endian, letters] = /^([<>|=])([uif]\d)$/.exec(type ?? "") ?? [];
  const reader = readers[letters ?? ""];
  if (reader === undefined)
    throw new ProblemError(
      `holds ${name} of NumPy's type ${type ?? "with fields"}, where integers or floats of 32 or 64 bits are needed`,
    );
  if (order === "True") throw new ProblemError(`holds ${name} in Fortran's order; save np.ascontiguousarray of it`);
  const shape = sizes
    .split(",")
    .filter((size) => size.trim() !== "")
    .map(Number);
  const length = shape.reduce((product, size) => product * size, 1);
  const width = Number(letters[1]);
  if (bytes.length - start !== length * width)
    throw new ProblemError(
      `holds ${name}, which has ${bytes.length - start} bytes where its shape (${shape.join(", ")}) needs ${length * width}`,
    );
  const values = new makers[letters](length);
  if (values instanceof Uint8Array) values.set(bytes.subarray(start));
  else for (let i = 0; i < length; i++) values[i] = reader(view, start + i * width, endian !== ">");
  return { shape, kind: letters[0] as NumpyArray["kind"], values };
}
