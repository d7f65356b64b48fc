import type { State } from "@everlearn/contracts";

/**
 * The size of a state in bytes: arrays of numbers as they lie in memory, other numbers 8, booleans 1, strings 2 a
 * character. Keys and the objects themselves are not counted; what stands in two places counts twice.
 */
export function bytesOf(state: State | undefined): number {
  if (state === null || state === undefined) return 0;
  if (typeof state === "number") return 8;
  if (typeof state === "boolean") return 1;
  if (typeof state === "string") return 2 * state.length;
  if (ArrayBuffer.isView(state)) return state.byteLength;
  return Object.values(state).reduce((sum: number, part) => sum + bytesOf(part), 0);
}
