import type { Plugin } from "@everlearn/contracts";
import { describeKernel, diagnoseKernel } from "@everlearn/wasm";
import { kernel } from "./kernel.wasm.js";
import { mlp } from "./mlp.js";
import { options } from "./options.js";

const plugin: Plugin<"network", typeof options> = {
  kind: "network",
  name: "mlp",
  contract: 2,
  description: "A ReLU multilayer perceptron with a WebAssembly SIMD kernel: the same bits on every machine.",
  paper: "Glorot & Bengio 2010 (initialisation)",
  options,
  resolveOptions: (given) => ({ options: given, environment: { "mlp kernel": describeKernel(kernel) } }),
  diagnose: async () =>
    diagnoseKernel(kernel, "784-100-100-10 at batch 1", (random) => {
      const network = mlp({ hidden: [100, 100] }, { inputs: 784, outputs: 10, random });
      const x = Uint8Array.from({ length: 784 }, () => Math.max(0, 510 * random.uniform() - 255));
      return () => network.descend([{ x, y: 1 }], 0.01);
    }),
  create: mlp,
};
export default plugin;
export { mlp };
