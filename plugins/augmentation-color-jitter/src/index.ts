import type { Augmentation, OptionsFor, Plugin, Random, Size } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { imageSize } from "@everlearn/examples";
import { blend, meanLuminance, saturate, turnHue } from "./colors.js";

const options = {
  brightness: {
    type: "number",
    minimum: 0,
    default: 0,
    description:
      "How far the factor b of the brightness is from 1: it is uniform in [max(0, 1 − brightness), 1 + brightness].",
  },
  contrast: {
    type: "number",
    minimum: 0,
    default: 0,
    description: "How far the factor of the differences from the image's mean luminance is from 1, likewise.",
  },
  saturation: {
    type: "number",
    minimum: 0,
    default: 0,
    description: "How far the factor of the differences from each pixel's luminance is from 1, likewise.",
  },
  hue: {
    type: "number",
    minimum: 0,
    maximum: 0.5,
    default: 0,
    description: "How far the hue is turned at most, either way, as a part of the whole circle.",
  },
  probability: {
    type: "number",
    minimum: 0,
    maximum: 1,
    default: 1,
    description: "The probability with which an image is changed at all.",
  },
} as const;

/**
 * Changes an image's brightness, contrast, saturation and hue by factors that are drawn anew for each image, in an order that
 * is drawn too (Howard 2013). Values stay between 0 and 1.
 * @throws RangeError if the inputs are no images of one or three channels, nothing is to be changed, or gray images are to
 * change their colour.
 */
export function colorJitter(
  given: OptionsFor<typeof options>,
  { shape, random }: Pick<Size, "shape"> & { readonly random: Random },
): Augmentation {
  const { brightness, contrast, saturation, hue, probability } = withDefaults(options, given);
  const { channels } = imageSize(shape, "A color jitter");
  if (channels !== 1 && channels !== 3)
    throw new RangeError(
      `A color jitter needs images of 1 or 3 channels, but these have ${channels}; remove it, or use other images.`,
    );
  if (channels === 1 && saturation + hue > 0)
    throw new RangeError(
      "Images of one channel have no colour whose saturation or hue could change; leave out saturation and hue.",
    );
  if (brightness + contrast + saturation + hue === 0)
    throw new RangeError(
      "A color jitter whose brightness, contrast, saturation and hue are all 0 changes nothing; set one of them above 0.",
    );
  const factor = (reach: number): number => {
    const least = Math.max(0, 1 - reach);
    return least + random.uniform() * (1 + reach - least);
  };
  const changes: ((image: Float32Array) => void)[] = [
    ...(brightness > 0 ? [(image: Float32Array) => blend(image, factor(brightness), 0)] : []),
    ...(contrast > 0 ? [(image: Float32Array) => blend(image, factor(contrast), meanLuminance(image, channels))] : []),
    ...(saturation > 0 ? [(image: Float32Array) => saturate(image, factor(saturation))] : []),
    ...(hue > 0 ? [(image: Float32Array) => turnHue(image, hue * (2 * random.uniform() - 1))] : []),
  ];
  const order = new Uint8Array(changes.length);
  return {
    real: true,
    apply(x, into) {
      into.set(x);
      if (random.uniform() >= probability) return;
      for (let i = 0; i < order.length; i++) {
        const j = random.integer(i + 1);
        order[i] = order[j];
        order[j] = i;
      }
      for (const change of order) changes[change](into as Float32Array);
    },
  };
}

const plugin: Plugin<"augmentation", typeof options> = {
  kind: "augmentation",
  name: "color-jitter",
  contract: 2,
  description: "Random changes of brightness, contrast, saturation and hue.",
  paper: "arXiv:1312.5402",
  options,
  create: colorJitter,
};
export default plugin;
