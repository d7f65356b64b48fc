import type { backend_util } from "@tensorflow/tfjs-core";

type Shape = Pick<
  backend_util.Conv2DInfo,
  | "batchSize"
  | "inHeight"
  | "inWidth"
  | "inChannels"
  | "outHeight"
  | "outWidth"
  | "filterHeight"
  | "filterWidth"
  | "strideHeight"
  | "strideWidth"
  | "padInfo"
>;

/**
 * The patches of images that a convolution sees: row (r, s, c) of `columns`, place (image, y, x) therein.
 * @param x images, [batch, height, width, channel]
 */
export function columnsOf(x: Float32Array, shape: Shape, columns: Float32Array): void {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, strideHeight, strideWidth, padInfo } = shape;
  let at = 0;
  for (let r = 0; r < shape.filterHeight; r++)
    for (let s = 0; s < shape.filterWidth; s++)
      for (let c = 0; c < inChannels; c++)
        for (let image = 0; image < batchSize; image++)
          for (let row = 0; row < outHeight; row++) {
            const y = row * strideHeight + r - padInfo.top;
            if (y < 0 || y >= inHeight) {
              columns.fill(0, at, at + outWidth);
              at += outWidth;
              continue;
            }
            const line = (image * inHeight + y) * inWidth;
            for (let column = 0, p = s - padInfo.left; column < outWidth; column++, p += strideWidth)
              columns[at++] = p < 0 || p >= inWidth ? 0 : x[(line + p) * inChannels + c];
          }
}

/**
 * Adds patches to where they were taken from.
 * @param columns row (image, y, x), place (r, s, c) therein
 * @param x images, [batch, height, width, channel], whatever they hold
 */
export function scatterColumns(columns: Float32Array, shape: Shape, x: Float32Array): void {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, strideHeight, strideWidth, padInfo } = shape;
  x.fill(0);
  let at = 0;
  for (let image = 0; image < batchSize; image++)
    for (let row = 0; row < outHeight; row++)
      for (let column = 0; column < outWidth; column++)
        for (let r = 0; r < shape.filterHeight; r++) {
          const y = row * strideHeight + r - padInfo.top;
          for (let s = 0; s < shape.filterWidth; s++, at += inChannels) {
            const p = column * strideWidth + s - padInfo.left;
            if (y < 0 || y >= inHeight || p < 0 || p >= inWidth) continue;
            const to = ((image * inHeight + y) * inWidth + p) * inChannels;
            for (let c = 0; c < inChannels; c++) x[to + c] += columns[at + c];
          }
        }
}
