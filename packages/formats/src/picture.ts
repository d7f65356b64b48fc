import { FormatError } from "./error.js";
import type { DecodedImage } from "./image.js";
import { decodeJpeg, isJpeg } from "./jpeg.js";
import { decodePng, isPng } from "./png.js";

/** Decodes a PNG or a JPEG file, whichever it is. @throws FormatError where it is neither, or damaged */
export function decodeImage(bytes: Uint8Array): DecodedImage {
  if (isPng(bytes)) return decodePng(bytes);
  if (isJpeg(bytes)) return decodeJpeg(bytes);
  throw new FormatError(
    bytes.length === 0 ? "is empty" : "is no PNG or JPEG file, whatever its name says, or is damaged at its beginning",
  );
}
