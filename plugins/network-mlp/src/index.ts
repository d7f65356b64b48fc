import type { Plugin } from "@everlearn/contracts";
import { mlp } from "./mlp.js";
import { options } from "./options.js";

const plugin: Plugin<"network", typeof options> = {
  kind: "network",
  name: "mlp",
  contract: 2,
  description: "A ReLU multilayer perceptron with a WebAssembly SIMD kernel: the same bits on every machine.",
  paper: "Glorot & Bengio 2010 (initialisation)",
  options,
  create: mlp,
};
export default plugin;
export { mlp };
