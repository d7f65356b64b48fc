export const options = {
  hidden: {
    type: "array",
    items: { type: "integer", minimum: 1 },
    default: [100, 100],
    description: "The sizes of the hidden ReLU layers; [] is a linear model.",
  },
} as const;
