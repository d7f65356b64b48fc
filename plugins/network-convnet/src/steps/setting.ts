import type { KernelVector, Memory } from "@everlearn/wasm";
import { rowOf } from "@everlearn/wasm";
import type { ConvnetKernel } from "../kernel.js";
import type { Lifetimes } from "../lifetimes.js";
import type { Plan } from "../plan.js";
import type { Setting } from "./step.js";

/** The float32 of the room in which tiles are transformed: with what they are multiplied by, they stay in the second cache. */
const SCRATCH = 100_000;

/** Two rooms for all steps, as large as the largest wish; taken when they are first used, when all wishes are known. */
function createShared(memory: Memory): Setting["shared"] {
  let most = 0;
  const rooms = [0, 0];
  const room = (i: number) => (rooms[i] ||= memory.take(most));
  return (bytes) => {
    most = Math.max(most, bytes);
    return [() => room(0), () => room(1)];
  };
}

/** Room for lists of one image at a time, taken when it is first used. */
function createLists(memory: Memory): Setting["lists"] {
  let [most, pixels] = [0, 0];
  let rooms: { readonly entries: number; readonly counts: number } | undefined;
  return (count, channels) => {
    most = Math.max(most, count * (channels + 2) * 8, (256 + channels) * 4 + channels * 128 * 8);
    pixels = Math.max(pixels, count * 4);
    return () => (rooms ??= { entries: memory.take(most), counts: memory.take(pixels) });
  };
}

/** Takes what the steps of a plan share. */
export function createSetting(
  memory: Memory<ConvnetKernel>,
  theta: KernelVector,
  { steps, images }: Plan,
  lifetimes: Lifetimes,
): Setting {
  const widest = Math.max(...images.map(({ channels }) => rowOf(channels)));
  const floats = Math.max(SCRATCH, 64 * 2 * widest); // four tiles at least
  return {
    ...{ memory, theta, lifetimes },
    scratch: { address: memory.take(floats * 4), floats },
    zeros: memory.take(widest * 4),
    shared: createShared(memory),
    lists: createLists(memory),
    zeroed: new Set(steps.filter(({ step }) => step === "relu").map(({ out }) => out)),
  };
}
