import type { Plugin } from "@everlearn/contracts";
import { describeKernel, diagnoseKernel } from "@everlearn/wasm";
import { kernel } from "./kernel.wasm.js";
import { convnet } from "./convnet.js";
import { options } from "./options.js";

const plugin: Plugin<"network", typeof options> = {
  kind: "network",
  name: "convnet",
  contract: 2,
  description: "A convolutional network with a WebAssembly SIMD kernel: the same bits on every machine.",
  paper: "LeCun et al. 1989; He et al. 2016 (residual networks)",
  options,
  resolveOptions: (given) => ({ options: given, environment: { "convnet kernel": describeKernel(kernel) } }),
  diagnose: async () =>
    diagnoseKernel(kernel, "la-maml at batch 1", (random) => {
      const given = { inputs: 3072, shape: [32, 32, 3], outputs: 10, folder: undefined, random } as const;
      const network = convnet({ preset: "la-maml" }, given);
      const x = Uint8Array.from({ length: 3072 }, () => 255 * random.uniform());
      return () => network.descend([{ x, y: 1 }], 0.01);
    }),
  create: convnet,
};
export default plugin;
export { convnet };
export type {
  BatchNorm,
  Conv,
  Dense,
  DepthwiseConv,
  Flatten,
  GlobalAverage,
  GroupNorm,
  Layer,
  Pooling,
  Relu,
  Residual,
  Sides,
} from "./layers.js";
