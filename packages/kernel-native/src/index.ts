import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Kernels compiled for a machine, as @everlearn/wasm calls them. */
export interface NativeAddon {
  /** The float32 of the widest vectors that this machine computes with; 0 where it has none that the kernels need. */
  readonly lanes: number;
  /**
   * The functions of a kernel by their names.
   * @param sources the SHA-256 of its sources
   * @param lanes the float32 of a vector: 4, 8 or 16
   * @param block where they find their arguments and leave their result: float64 numbers, the result first
   * @returns undefined where there is no such kernel, or this machine has no such vectors
   */
  open(sources: string, lanes: number, block: ArrayBuffer): Readonly<Record<string, () => void>> | undefined;
  /** From now on the functions of a block compute in this memory. */
  bind(block: ArrayBuffer, memory: ArrayBuffer): void;
}

/**
 * Loads the kernels that were built for this machine (`npm run native`).
 * @returns undefined where there are none
 */
export function addon(): NativeAddon | undefined {
  const builds = process.env["EVERLEARN_KERNEL_BUILDS"] ?? fileURLToPath(new URL("../build", import.meta.url));
  try {
    const require = createRequire(import.meta.url);
    return require(join(builds, `${process.platform}-${process.arch}`, "kernel.node")) as NativeAddon;
  } catch {
    return undefined; // not built, or damaged: WebAssembly computes the same
  }
}
