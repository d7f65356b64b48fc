import { createRequire } from "node:module";
import { setWasmPaths, version_wasm as wasmVersion } from "@tensorflow/tfjs-backend-wasm";
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { completeWasm } from "./kernels.js";
import { loadNative, missingLibraries, type NativeBackend } from "./native.js";

/** What can compute, the fastest first. */
export const backends = ["node-gpu", "node", "wasm", "cpu"] as const;
export type Backend = (typeof backends)[number];

/** What a backend is on this machine. */
export interface Available {
  readonly backend: Backend;
  /** Such as "libtensorflow 2.9.1, 1 thread". */
  readonly description: string;
}

/** A backend that could not be had, and why. */
export interface Refusal {
  readonly backend: Backend;
  /** A sentence. */
  readonly reason: string;
}

/** As tfjs calls them. */
const engines = { "node-gpu": "tensorflow", node: "tensorflow", wasm: "wasm", cpu: "cpu" } as const;

let native: NativeBackend | undefined;

/**
 * Loads a backend, and finds out what it is.
 * @param folders where packages are looked for
 * @throws RangeError where it cannot be had
 */
export async function loadBackend(backend: Backend, folders: readonly string[]): Promise<Available> {
  tf.enableProdMode(); // no checks of every tensor for NaN, and no advertisements
  if (backend === "node" || backend === "node-gpu") {
    if (native !== undefined && native !== backend)
      throw new RangeError(`The backend "${backend}" cannot be had in a process that uses "${native}" already.`);
    loadNative(backend, folders);
    native = backend;
  }
  if (backend === "wasm")
    setWasmPaths(
      createRequire(import.meta.url)
        .resolve("@tensorflow/tfjs-backend-wasm")
        .replace(/[^/\\]*$/, ""),
    );
  if (!(await tf.setBackend(engines[backend])))
    throw new RangeError(`The backend "${backend}" does not start on this machine.`);
  if (backend === "wasm") completeWasm();
  return { backend, description: describe(backend) };
}

/** Makes a loaded backend the one that computes. */
export function useBackend(backend: Backend): void {
  // What was loaded is set at once; the promise is for what was not.
  if (tf.getBackend() !== engines[backend]) void tf.setBackend(engines[backend]);
}

/** The fastest backend that loads, and why not those before it. */
export async function fastest(folders: readonly string[]): Promise<Available & { refused: readonly Refusal[] }> {
  const refused: Refusal[] = [];
  for (const backend of backends) {
    try {
      return { ...(await loadBackend(backend, folders)), refused };
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      refused.push({ backend, reason: error.message });
    }
  }
  throw new RangeError(`No backend can be had. ${refused.map(({ reason }) => reason).join(" ")}`);
}

function describe(backend: Backend): string {
  if (backend === "cpu") return "plain JavaScript, 1 thread";
  if (backend === "wasm")
    return `WebAssembly ${wasmVersion}${tf.env().getBool("WASM_HAS_SIMD_SUPPORT") ? " with SIMD" : ""}, 1 thread`;
  const { isUsingGpuDevice, binding } = tf.backend() as unknown as {
    isUsingGpuDevice: boolean;
    binding: { TF_Version: string };
  };
  if (backend === "node-gpu" && !isUsingGpuDevice) {
    const missing = missingLibraries();
    native = undefined;
    throw new RangeError(
      missing.length > 0
        ? `The backend "node-gpu" does not find ${missing.join(", ")}; install NVIDIA's driver, CUDA 11.2 and cuDNN 8.1.`
        : 'The backend "node-gpu" finds no GPU; nvidia-smi says what the driver sees.',
    );
  }
  const threads = process.env.TF_NUM_INTRAOP_THREADS;
  return `libtensorflow ${binding.TF_Version}, ${backend === "node-gpu" ? "CUDA" : `${threads} thread${threads === "1" ? "" : "s"}`}`;
}

/** What happened in a backend, in a sentence where its own is none. */
export function translated(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const [, shape] = /OOM when allocating tensor with shape\s*(\[[\d,\s]*\])/i.exec(error.message) ?? [];
  const full =
    shape !== undefined ||
    /resource ?exhausted|out of memory|CUDA_ERROR_OUT_OF_MEMORY|cannot enlarge memory|memory access out of bounds|Array buffer allocation failed/i.test(
      error.message,
    );
  if (!full) return error;
  const what = shape === undefined ? "a tensor" : `a tensor of shape ${shape}`;
  return new Error(
    `The backend has no memory left for ${what}; use smaller batches or a smaller network, or backend "wasm" or "cpu".`,
    { cause: error },
  );
}
