import { FormatError } from "./error.js";

/** An array of unsigned bytes, the last index running fastest. */
export interface IdxArray {
  readonly shape: readonly number[];
  /** A view of the file. */
  readonly values: Uint8Array;
}

/** How many bytes an IDX file of unsigned bytes with these sizes has. */
export function idxBytes(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1) + headerBytes(shape);
}

/**
 * Reads an IDX file of unsigned bytes, the format of MNIST.
 * @param expected the sizes that it must have: [n] of labels, [n, rows, columns] of images; any where absent
 * @throws FormatError where it is truncated or too long, is no such file or has other sizes
 */
export function readIdx(bytes: Uint8Array, expected?: readonly number[]): IdxArray {
  const shape = readShape(bytes, expected);
  if (expected?.some((size, i) => size !== shape[i]))
    throw new FormatError(`has the wrong sizes: ${shape.join(" × ")}, not ${expected.join(" × ")}`);
  const length = idxBytes(shape);
  if (bytes.length < length) throw new FormatError(`is truncated: it ends after ${bytes.length} of ${length} bytes`);
  if (bytes.length > length)
    throw new FormatError(`is too long: more bytes follow the ${length} that its header announces`);
  return { shape, values: bytes.subarray(headerBytes(shape)) };
}

function headerBytes(shape: readonly number[]): number {
  return 4 + 4 * shape.length;
}

function readShape(bytes: Uint8Array, expected?: readonly number[]): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const truncated = (): FormatError =>
    new FormatError(`is truncated: it ends after ${bytes.length} bytes, within its header`);
  if (bytes.length < 4) throw truncated();
  const dimensions = expected?.length ?? bytes[3];
  const [found, magic] = [view.getUint32(0), 0x0800 + dimensions]; // 0x08: unsigned bytes
  const hex = (value: number): string => `0x${value.toString(16).padStart(8, "0")}`;
  const what = expected === undefined ? "unsigned bytes" : expected.length === 1 ? "labels" : "images";
  if (found !== magic)
    throw new FormatError(`is not an IDX file of ${what}: it starts with ${hex(found)}, not ${hex(magic)}`);
  if (bytes.length < 4 + 4 * dimensions) throw truncated();
  return Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i));
}
