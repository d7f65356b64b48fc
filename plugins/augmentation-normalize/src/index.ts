import type { Augmentation, OptionsOf, Plugin, Size } from "@everlearn/contracts";

const options = {
  mean: {
    type: "array",
    items: { type: "number" },
    description: "The mean of each channel, where bytes are from 0 to 1.",
  },
  std: {
    type: "array",
    items: { type: "number", minimum: 0 },
    description: "The standard deviation of each channel, where bytes are from 0 to 1.",
  },
} as const;

/**
 * Normalises each channel: (x − mean) / std. It draws nothing, and queries are seen through it too. The channels are the
 * last of three sides of a shape; inputs of fewer sides have one.
 * @throws RangeError if there is not one mean and one deviation above 0 for each channel.
 */
export function normalize({ mean, std }: OptionsOf<typeof options>, { shape }: Pick<Size, "shape">): Augmentation {
  const channels = shape.length > 2 ? shape[shape.length - 1] : 1;
  for (const [name, values] of Object.entries({ mean, std }))
    if (values.length !== channels)
      throw new RangeError(
        `${name} has ${values.length} ${values.length === 1 ? "value" : "values"}, but inputs of shape [${shape.join(", ")}] have ${channels} ${channels === 1 ? "channel" : "channels"}; give one for each.`,
      );
  const zero = std.indexOf(0);
  if (zero >= 0)
    throw new RangeError(`std is 0 for channel ${zero}, and nothing can be divided by it; use a value above 0.`);
  return {
    atTest: true,
    real: true,
    apply(x, into) {
      for (let i = 0; i < x.length; i += channels)
        for (let c = 0; c < channels; c++) into[i + c] = (x[i + c] - mean[c]) / std[c];
    },
  };
}

const plugin: Plugin<"augmentation", typeof options> = {
  kind: "augmentation",
  name: "normalize",
  contract: 2,
  description: "Normalises each channel by its mean and standard deviation, in training and at test.",
  options,
  create: normalize,
};
export default plugin;
