import { type Raster, scaled, toGrey, toRgb } from "./raster.js";

/** What is done to every image. */
export interface PictureFitting {
  readonly color: "keep" | "grey" | "rgb";
  /** 0: nothing. */
  readonly size: number;
}

/** Colour first, then size. */
export function fitted(image: Raster, { color, size }: PictureFitting): Raster {
  const colored = color === "grey" ? toGrey(image) : color === "rgb" ? toRgb(image) : image;
  return size === 0 ? colored : scaled(colored, size);
}
