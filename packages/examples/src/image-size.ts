/** The sides of an image whose values come row by row, channels last. */
export interface ImageSize {
  readonly rows: number;
  readonly columns: number;
  /** 1 where the shape states none. */
  readonly channels: number;
}

/**
 * The sides of images of this shape.
 * @param shape [rows, columns] or [rows, columns, channels]
 * @param what asks, for the error's message, such as "A random crop"
 * @throws RangeError where inputs of this shape are no images
 */
export function imageSize(shape: readonly number[], what: string): ImageSize {
  if (shape.length !== 2 && shape.length !== 3)
    throw new RangeError(
      `${what} needs images, of shape [rows, columns] or [rows, columns, channels], but the inputs' shape is [${shape.join(", ")}]; remove it, or use a data set of images.`,
    );
  const [rows, columns, channels = 1] = shape;
  return { rows, columns, channels };
}
