export const options = {
  preset: {
    type: "string",
    enum: ["", "la-maml", "resnet18"],
    default: "",
    description: "A network of a paper; it has its own layers and initialisation.",
  },
  layers: {
    type: "array",
    items: { type: "object" },
    default: [],
    description: "The layers, from the inputs on; a dense layer of the outputs follows them.",
  },
  initialisation: {
    type: "string",
    enum: ["", "pytorch", "he"],
    default: "",
    description:
      'How weights begin: "pytorch", uniform in ±1/√fan-in, biases too; "he", normal with variance 2/fan-in, biases 0; "": as the preset has it, else "pytorch".',
  },
  features: {
    type: "string",
    default: "",
    description: 'The name of the layer whose output is the network\'s features; "": the inputs of the last layer.',
  },
} as const;
