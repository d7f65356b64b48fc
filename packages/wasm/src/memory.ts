import type { Kernel } from "./kernel.js";
import { type Code, openNative } from "./native.js";

/** A kernel with a memory of its own, in which room is taken and never given back before the whole goes. */
export interface Memory<K = Kernel> {
  readonly kernel: K;
  /** The float32 of the widest vectors that the kernel computes with. */
  readonly lanes: number;
  /** Views of the memory; read them anew after `take`, which may replace them. */
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  readonly floats: Float32Array;
  readonly doubles: Float64Array;
  /**
   * The address of `bytes` new zero bytes, a multiple of 16.
   * @throws RangeError where the machine cannot give them, or the whole would be more than 4 GiB
   */
  take(bytes: number): number;
}

const PAGE = 65536;

/** Compiled modules by their code: every network of a kind shares one. */
const modules = new Map<string, WebAssembly.Module>();

function moduleOf({ module: code }: Code): WebAssembly.Module {
  let module = modules.get(code);
  if (module === undefined) {
    module = new WebAssembly.Module(Uint8Array.from(atob(code), (c) => c.charCodeAt(0)));
    modules.set(code, module);
  }
  return module;
}

/** A kernel at work in a memory. */
interface Started<K> {
  readonly kernel: K;
  readonly lanes: number;
  /** Where the host's part begins: what lies below is the kernel's own, a page at most. */
  readonly start: number;
  /** Tells the kernel of a memory that has grown. */
  bind(memory: ArrayBuffer): void;
}

function start<K>(code: Code, memory: WebAssembly.Memory): Started<K> {
  const native = openNative<K>(code);
  if (native) {
    native.bind(memory.buffer);
    return { kernel: native.kernel, lanes: native.lanes, start: 64, bind: native.bind }; // address 0 says that something is not there
  }
  const { exports } = new WebAssembly.Instance(moduleOf(code), { env: { memory } });
  const { __heap_base: own } = exports as { readonly __heap_base: WebAssembly.Global<"i32"> };
  return { kernel: exports as unknown as K, lanes: 4, start: Math.ceil(own.value / 16) * 16, bind: () => {} };
}

/**
 * Starts a kernel with a new memory: one that is compiled for this machine, where there is one, or else in WebAssembly. What
 * they compute is the same to the bit.
 * @throws RangeError where EVERLEARN_KERNEL asks for one that there is not
 */
export function createMemory<K = Kernel>(code: Code): Memory<K> {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { kernel, lanes, start: first, bind } = start<K>(code, memory);
  const views = () => ({
    bytes: new Uint8Array(memory.buffer),
    words: new Uint32Array(memory.buffer),
    floats: new Float32Array(memory.buffer),
    doubles: new Float64Array(memory.buffer),
  });
  let end = first;
  let view = views();
  return {
    kernel,
    lanes,
    get bytes() {
      return view.bytes;
    },
    get words() {
      return view.words;
    },
    get floats() {
      return view.floats;
    },
    get doubles() {
      return view.doubles;
    },
    take(bytes) {
      const address = end;
      const next = end + Math.ceil(bytes / 16) * 16;
      const missing = next - memory.buffer.byteLength;
      if (missing > 0) {
        grow(memory, missing);
        bind(memory.buffer);
        view = views(); // growing detaches the old ones
      }
      end = next;
      return address;
    },
  };
}

function grow(memory: WebAssembly.Memory, bytes: number): void {
  try {
    memory.grow(Math.ceil(bytes / PAGE));
  } catch (error) {
    const whole = Math.ceil((memory.buffer.byteLength + bytes) / 2 ** 20);
    throw new RangeError(
      `The network would take ${whole} MiB of memory, which cannot be had (WebAssembly has 4096 at most); use fewer parameters or smaller batches.`,
      { cause: error },
    );
  }
}
