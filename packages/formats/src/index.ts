export { FormatError } from "./error.js";
export { type IdxArray, idxBytes, readIdx } from "./idx.js";
export type { DecodedImage } from "./image.js";
export { decodeJpeg, isJpeg } from "./jpeg.js";
export { npy, type NumpyArray, readNpy } from "./npy.js";
export { readNpz } from "./npz.js";
export { decodePng, isPng } from "./png.js";
export { readZip } from "./zip.js";
