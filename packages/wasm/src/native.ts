/** A kernel as it is built: the SHA-256 of its sources, and its WebAssembly module in base64. */
export interface Code {
  readonly sources: string;
  readonly module: string;
}

/** What @everlearn/kernel-native loads: kernels compiled for this machine. */
interface Addon {
  /** The float32 of the widest vectors that this machine computes with. */
  readonly lanes: number;
  /** Functions that take their arguments from a block; undefined where there is no kernel of these sources and lanes. */
  open(sources: string, lanes: number, block: ArrayBuffer): Readonly<Record<string, () => void>> | undefined;
  /** From now on the functions of a block compute in this memory. */
  bind(block: ArrayBuffer, memory: ArrayBuffer): void;
}

/** A kernel's functions, compiled for this machine, and how they are told where their memory is. */
export interface NativeKernel<K> {
  readonly kernel: K;
  readonly lanes: number;
  bind(memory: ArrayBuffer): void;
}

interface Require {
  (name: string): unknown;
  resolve(name: string): string;
}

/** What of Node.js is used, where there is one. */
interface Process {
  readonly env: Readonly<Record<string, string | undefined>>;
  getBuiltinModule?(name: "node:module"): { createRequire(from: string): Require };
}
const { process } = globalThis as { readonly process?: Process };

/** Bytes of a block: a result and 15 arguments in float64, and a pointer; as in kernel-native's addon.h. */
const BLOCK = 136;

/** The widths of vectors that kernels are compiled for. */
const WIDTHS = [16, 8, 4];

/** The addon, once it has been looked for. */
let loaded: Addon | undefined | null = null;

function addon(): Addon | undefined {
  if (loaded === null) loaded = load();
  return loaded;
}

function load(): Addon | undefined {
  try {
    const node = process?.getBuiltinModule?.("node:module");
    if (node === undefined) return undefined;
    // By its path: tests run from sources, which only their own loader reads.
    const manifest = node.createRequire(import.meta.url).resolve("@everlearn/kernel-native/package.json");
    return (node.createRequire(manifest)("./dist/index.js") as { addon(): Addon | undefined }).addon();
  } catch {
    return undefined; // it is optional
  }
}

/** What EVERLEARN_KERNEL asks for: the widths of vectors that are allowed, none for WebAssembly. @throws RangeError */
function wanted(): { readonly widths: readonly number[]; readonly must: boolean } {
  const choice = process?.env["EVERLEARN_KERNEL"] ?? "";
  if (choice === "") return { widths: WIDTHS, must: false };
  if (choice === "wasm") return { widths: [], must: false };
  const widths = choice === "native" ? WIDTHS : WIDTHS.filter((width) => choice === `native-${width}`);
  if (widths.length > 0) return { widths, must: true };
  throw new RangeError(
    `EVERLEARN_KERNEL is "${choice}"; it may be wasm, native, or native-4, native-8 or native-16 for vectors of so many numbers.`,
  );
}

/** A kernel's functions, with the block that holds their arguments. */
interface Opened {
  readonly native: Addon;
  readonly lanes: number;
  readonly block: ArrayBuffer;
  readonly functions: Readonly<Record<string, () => void>>;
}

/** Opens a kernel with the widest vectors that are allowed; undefined where WebAssembly is to compute. @throws RangeError */
function opened({ sources }: Code): Opened | undefined {
  const { widths, must } = wanted();
  const native = widths.length > 0 ? addon() : undefined;
  const block = new ArrayBuffer(BLOCK);
  if (native)
    for (const lanes of widths) {
      const functions = native.open(sources, lanes, block);
      if (functions) return { native, lanes, block, functions };
    }
  if (!must) return undefined;
  const why = native
    ? `the one that was built is of other sources${widths.length === 1 ? ` or has no vectors of ${widths[0]} numbers that run here` : ""}`
    : "it was not built";
  throw new RangeError(
    `EVERLEARN_KERNEL asks for a native kernel, but this machine has none: ${why}; run "npm run native" in a clone, or unset EVERLEARN_KERNEL to compute with WebAssembly.`,
  );
}

/** The lanes with which a kernel computes natively here; 0 where WebAssembly computes. @throws RangeError */
export function nativeLanes(code: Code): number {
  return opened(code)?.lanes ?? 0;
}

/** Which kernel computes here, for the record of a run. @throws RangeError where EVERLEARN_KERNEL asks for one that there is not */
export function describeKernel(code: Code): string {
  const lanes = nativeLanes(code);
  return lanes === 0 ? "WebAssembly" : `native, vectors of ${lanes} numbers`;
}

/** Opens a kernel that is compiled for this machine; undefined where WebAssembly is to compute. @throws RangeError */
export function openNative<K>(code: Code): NativeKernel<K> | undefined {
  const found = opened(code);
  if (found === undefined) return undefined;
  const { native, lanes, block, functions } = found;
  const numbers = new Float64Array(block, 0, 16);
  const kernel = Object.fromEntries(Object.entries(functions).map(([name, call]) => [name, taking(numbers, call)]));
  return { kernel: kernel as unknown as K, lanes, bind: (memory) => native.bind(block, memory) };
}

/** A function whose arguments go through a block: through Node-API they would cost ten times as much. */
function taking(numbers: Float64Array, call: () => void): (...given: number[]) => number {
  return (a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, i = 0, j = 0, k = 0, l = 0, m = 0) => {
    numbers[1] = a;
    numbers[2] = b;
    numbers[3] = c;
    numbers[4] = d;
    numbers[5] = e;
    numbers[6] = f;
    numbers[7] = g;
    numbers[8] = h;
    numbers[9] = i;
    numbers[10] = j;
    numbers[11] = k;
    numbers[12] = l;
    numbers[13] = m;
    call();
    return numbers[0];
  };
}
