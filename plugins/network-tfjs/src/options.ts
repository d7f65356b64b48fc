import type { OptionsOf } from "@everlearn/contracts";

export const options = {
  model: {
    type: "string",
    description:
      'A model by name ("la-maml", "resnet18"), or a path: to a module whose default export makes one, or to a model.json.',
  },
  backend: {
    type: "string",
    enum: ["auto", "cpu", "wasm", "node", "node-gpu"],
    default: "auto",
    description:
      'The backend that computes; "auto": the first of node-gpu, node, wasm and cpu that loads, which is recorded instead.',
  },
  version: {
    type: "string",
    default: "",
    description:
      "Identifies the model of a path; filled in and recorded by everlearn, and refused if the model is another one.",
  },
} as const;

export type TfjsOptions = OptionsOf<typeof options>;
