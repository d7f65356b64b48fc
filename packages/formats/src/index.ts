export { FormatError } from "./error.js";
export { type IdxArray, idxBytes, readIdx } from "./idx.js";
export type { DecodedImage } from "./image.js";
export { decodeJpeg, isJpeg } from "./jpeg.js";
export { fromHalves, npy, type NumpyArray, type NumpyTexts, readNpy } from "./npy.js";
export { readNpz } from "./npz.js";
export { decodePng, isPng } from "./png.js";
export { readSafetensors, type Tensor } from "./safetensors.js";
export { readZip } from "./zip.js";
