import type { KernelVector, Memory } from "@everlearn/wasm";
import type { ConvnetKernel } from "../kernel.js";
import type { Lifetimes } from "../lifetimes.js";
import type { Image } from "../plan.js";
import type { Room } from "../room.js";

/** What steps compute with. */
export interface Setting {
  readonly memory: Memory<ConvnetKernel>;
  readonly theta: KernelVector;
  readonly lifetimes: Lifetimes;
  /** Room that any step may use while it runs: its address and its float32. */
  readonly scratch: { readonly address: number; readonly floats: number };
  /** Two rooms of so many bytes that any step may use while it runs, for what it makes of its weights. */
  readonly shared: (bytes: number) => readonly [first: () => number, second: () => number];
  /** Room for lists of what is not zero in so many pixels, for any step while it runs. */
  readonly lists: (pixels: number, channels: number) => () => { readonly entries: number; readonly counts: number };
  /** Images that are about half zeros: ReLU's outputs, and those whose derivatives go back through a ReLU in place. */
  readonly zeroed: ReadonlySet<Image>;
  /** The address of as many zeros as the widest image has channels. */
  readonly zeros: number;
}

/** A pass of a batch through the steps. */
export interface Pass {
  readonly room: Room;
  readonly n: number;
  /** Whether normalisations take the batch's own statistics, and move the running ones. */
  readonly training: boolean;
}

/** A pass back. */
export interface BackwardPass extends Pass {
  /** The address of the vector whose numbers go on with the gradient's. */
  readonly gradient: number;
  /** Whether derivatives by the network's inputs are wanted. */
  readonly inputs: boolean;
}

/** A step at work. */
export interface Working {
  forward(pass: Pass): void;
  /** Makes its output again, as the last pass forward made it. */
  again?(pass: Pass): void;
  /** From the derivatives by its output: adds those by its input to what is there, and its parameters' gradient. */
  backward(pass: BackwardPass): void;
}
