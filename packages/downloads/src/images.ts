/** Labelled images of bytes, with random access. */
export interface ByteImages {
  readonly length: number;
  /** The class of image `i`. @throws RangeError where there is none */
  label(i: number): number;
  /**
   * A view of image `i`; or `into`, with its bytes written there, as byte/255 where it holds floats.
   * @throws RangeError where there is none
   */
  input(i: number, into?: Uint8Array | Float32Array): Uint8Array | Float32Array;
}

/**
 * Images and their labels, wherever those lie.
 * @param owner who refuses an image that is not there: `dataset-mnist`
 * @param image a view of image `i`'s bytes, the same one's each time
 */
export function byteImages(
  owner: string,
  length: number,
  label: (i: number) => number,
  image: (i: number) => Uint8Array,
): ByteImages {
  const check = (i: number): void => {
    if (!Number.isInteger(i) || i < 0 || i >= length)
      throw new RangeError(`${owner} has no example ${i}; examples are numbered from 0 to ${length - 1}.`);
  };
  return {
    length,
    label(i) {
      check(i);
      return label(i);
    },
    input(i, into) {
      check(i);
      const bytes = image(i);
      if (into === undefined) return bytes;
      if (into instanceof Uint8Array) into.set(bytes);
      else for (let j = 0; j < bytes.length; j++) into[j] = bytes[j] / 255;
      return into;
    },
  };
}
