import { type NumpyArray, type NumpyTexts, readNpy } from "./npy.js";
import { readZip } from "./zip.js";

/**
 * The arrays in a file that `numpy.savez` or `numpy.savez_compressed` wrote, by the names that they were given there. Each
 * is read when it is asked for.
 * @throws FormatError where the file is damaged, too large or no zip archive
 */
export function readNpz(bytes: Uint8Array): ReadonlyMap<string, () => NumpyArray | NumpyTexts> {
  return new Map(
    [...readZip(bytes)].map(([file, read]) => {
      const name = file.replace(/\.npy$/, "");
      return [name, () => readNpy(name, read())];
    }),
  );
}
