export { diagnoseKernel } from "./diagnose.js";
export { createGram, mirrored } from "./gram.js";
export { type Block, type Layout } from "./layout.js";
export type { Kernel } from "./kernel.js";
export { kernel } from "./kernel.wasm.js";
export { createLosses, type Losses, rowOf } from "./loss.js";
export { createMemory, type Memory } from "./memory.js";
export { type Code, describeKernel, nativeLanes } from "./native.js";
export { KernelVector } from "./vector.js";
