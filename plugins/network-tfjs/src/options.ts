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
    description: "What computes; auto: the fastest that loads, which the record then names.",
  },
  version: {
    type: "string",
    default: "",
    description: "What the model of a path is known by; found out and recorded, and refused where it is another.",
  },
} as const;

export type TfjsOptions = OptionsOf<typeof options>;
