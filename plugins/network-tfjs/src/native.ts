// Where TensorFlow's own library is, and what it lacks.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { join } from "node:path";

/** The packages that bring libtensorflow. */
const packages = { node: "@tensorflow/tfjs-node", "node-gpu": "@tensorflow/tfjs-node-gpu" } as const;
export type NativeBackend = keyof typeof packages;

/** What tfjs-node-gpu 4.22, made with TensorFlow 2.9, opens at run time: NVIDIA's driver, CUDA 11 and cuDNN 8. */
const cuda = [
  "libcuda.so.1",
  "libcudart.so.11.0",
  "libcublas.so.11",
  "libcublasLt.so.11",
  "libcufft.so.10",
  "libcurand.so.10",
  "libcusolver.so.11",
  "libcusparse.so.11",
  "libcudnn.so.8",
];

/** The libraries of CUDA that the system's loader does not find. */
export function missingLibraries(): string[] {
  return cuda.filter((name) => {
    try {
      process.dlopen({ exports: {} }, name, constants.dlopen.RTLD_LAZY);
      return false;
    } catch (error) {
      // Where the library is there, Node complains that it is no module of its own.
      return /cannot open shared object|image not found|no such file/i.test((error as Error).message);
    }
  });
}

/** Loads the package of a backend, which announces itself to tfjs. @throws RangeError, with what to do */
export function loadNative(backend: NativeBackend, folders: readonly string[]): void {
  const name = packages[backend];
  const found = locate(name, folders);
  if (found === undefined)
    throw new RangeError(`The backend "${backend}" needs ${name}, which is not installed: npm install ${name}@4.22.0`);
  // One thread, so that sums are taken in one order; and TensorFlow's own notes go to nobody.
  process.env.TF_NUM_INTRAOP_THREADS ??= "1";
  process.env.TF_NUM_INTEROP_THREADS ??= "1";
  process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
  restoreRemovedFunctions();
  try {
    quietly(() => found.require(name));
  } catch (error) {
    throw new RangeError(`The backend "${backend}" cannot be loaded: ${reasonOf((error as Error).message, name)}`, {
      cause: error,
    });
  }
}

/** What is wrong with a native package whose loading failed with this message. */
export function reasonOf(message: string, name: string): string {
  const library = /([\w.+-]+\.(?:so|dylib|dll)[\w.]*): cannot open shared object/.exec(message)?.[1];
  if (library !== undefined)
    return `the library ${library} is not found; install it, or name its folder in LD_LIBRARY_PATH.`;
  if (/tfjs_binding|native addon|invalid ELF|did not self-register/i.test(message))
    return `${name} has no binary that fits this Node; npm rebuild ${name} --build-addon-from-source makes one.`;
  return message.split("\n")[0];
}

function locate(name: string, folders: readonly string[]): { require: NodeJS.Require } | undefined {
  const given = process.env.EVERLEARN_TFJS_NODE;
  for (const folder of [...(given === undefined ? [] : [given]), ...folders]) {
    const require = createRequire(join(folder, "package.json"));
    for (const directory of require.resolve.paths(name) ?? [])
      if (existsSync(join(directory, name, "package.json"))) return { require };
  }
  return undefined;
}

/** Node 23 took away functions that tfjs-node 4.22 calls. */
function restoreRemovedFunctions(): void {
  const util = createRequire(import.meta.url)("node:util") as Record<string, unknown>;
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}

/** Without tfjs's remarks that what it brings is registered already. */
function quietly(load: () => void): void {
  const { warn } = console;
  console.warn = () => {};
  try {
    load();
  } finally {
    console.warn = warn;
  }
}
