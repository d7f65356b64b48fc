import type { Plugin } from "@everlearn/contracts";
import { mlp } from "./mlp.js";

const options = {
  hidden: {
    type: "array",
    items: { type: "integer", minimum: 1 },
    default: [100, 100],
    description: "The sizes of the hidden ReLU layers; [] is a linear model.",
  },
} as const;

const plugin: Plugin<"network", typeof options> = {
  kind: "network",
  name: "mlp",
  description: "A ReLU multilayer perceptron with a WebAssembly SIMD kernel: the same bits on every machine.",
  paper: "Glorot & Bengio 2010 (initialisation)",
  options,
  create: mlp,
};
export default plugin;
export { mlp };
