import type { Plugin } from "@everlearn/contracts";
import { convnet } from "./convnet.js";
import { options } from "./options.js";

const plugin: Plugin<"network", typeof options> = {
  kind: "network",
  name: "convnet",
  contract: 2,
  description: "A convolutional network with a WebAssembly SIMD kernel: the same bits on every machine.",
  paper: "LeCun et al. 1989; He et al. 2016 (residual networks)",
  options,
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
