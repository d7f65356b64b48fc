import type { Augmentation, OptionsFor, Plugin, Random, Size } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { imageSize } from "@everlearn/examples";

const options = {
  padding: {
    type: "integer",
    minimum: 0,
    default: 4,
    description: "The width of the border of zeros around the image, in pixels; a crop is of the image's own size.",
  },
} as const;

/**
 * Cuts an image of the same size out of the image with a border of zeros, at a place that is drawn uniformly: it is shifted
 * by up to `padding` pixels in each direction (He et al. 2016).
 * @throws RangeError if the inputs are no images, or the border is as wide as one of their sides.
 */
export function randomCrop(
  given: OptionsFor<typeof options>,
  { shape, random }: Pick<Size, "shape"> & { readonly random: Random },
): Augmentation {
  const { padding } = withDefaults(options, given);
  const { rows, columns, channels } = imageSize(shape, "A random crop");
  const shorter = Math.min(rows, columns);
  if (padding >= shorter)
    throw new RangeError(
      `padding = ${padding} could cut out nothing but the border of images of ${rows} × ${columns} pixels; use padding ≤ ${shorter - 1}.`,
    );
  const width = columns * channels;
  return {
    apply(x, into) {
      const down = random.integer(2 * padding + 1) - padding; // where the crop begins in the image
      const right = random.integer(2 * padding + 1) - padding;
      const [first, last] = [Math.max(0, -right) * channels, Math.min(columns, columns - right) * channels];
      const shift = down * width + right * channels;
      if (shift !== 0) into.fill(0);
      for (let row = Math.max(0, -down); row < Math.min(rows, rows - down); row++)
        for (let i = row * width + first; i < row * width + last; i++) into[i] = x[i + shift];
    },
  };
}

const plugin: Plugin<"augmentation", typeof options> = {
  kind: "augmentation",
  name: "random-crop",
  contract: 2,
  description: "Random crops: each image is shifted by up to some pixels, and zeros fill the rest.",
  paper: "arXiv:1512.03385",
  options,
  create: randomCrop,
};
export default plugin;
