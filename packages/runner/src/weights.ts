/**
 * A vector as a file of NumPy's format 1.0 (`numpy.load` reads it): little-endian float32, one dimension, θ's canonical
 * order.
 */
export function npy(theta: Float32Array): Uint8Array {
  const magic = "\x93NUMPY\x01\x00";
  const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': (${theta.length},), }`;
  // The data begin at a multiple of 64 bytes, after a line break.
  const header = `${dictionary.padEnd(64 * Math.ceil((magic.length + 2 + dictionary.length + 1) / 64) - magic.length - 3)}\n`;
  const file = Buffer.alloc(magic.length + 2 + header.length + theta.byteLength);
  file.write(magic, "latin1");
  file.writeUInt16LE(header.length, magic.length);
  file.write(header, magic.length + 2, "latin1");
  file.set(new Uint8Array(theta.buffer, theta.byteOffset, theta.byteLength), magic.length + 2 + header.length);
  return file;
}
