import type { Augmentation, OptionsFor, Plugin, Random, Size } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { imageSize } from "@everlearn/examples";

const options = {
  probability: {
    type: "number",
    minimum: 0,
    maximum: 1,
    default: 0.5,
    description: "The probability with which an image is mirrored.",
  },
} as const;

/**
 * Mirrors an image with some probability: left and right change places.
 * @throws RangeError if the inputs are no images.
 */
export function horizontalFlip(
  given: OptionsFor<typeof options>,
  { shape, random }: Pick<Size, "shape"> & { readonly random: Random },
): Augmentation {
  const { probability } = withDefaults(options, given);
  const { rows, columns, channels } = imageSize(shape, "A horizontal flip");
  const width = columns * channels;
  return {
    apply(x, into) {
      if (random.uniform() >= probability) {
        into.set(x);
        return;
      }
      for (let row = 0; row < rows * width; row += width)
        for (let i = 0; i < width; i += channels)
          for (let c = 0; c < channels; c++) into[row + i + c] = x[row + width - channels - i + c];
    },
  };
}

const plugin: Plugin<"augmentation", typeof options> = {
  kind: "augmentation",
  name: "horizontal-flip",
  contract: 2,
  description: "Random flips: left and right of an image change places.",
  paper: "arXiv:1512.03385",
  options,
  create: horizontalFlip,
};
export default plugin;
