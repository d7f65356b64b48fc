import type { IntermediateEvaluation } from "@everlearn/contracts";
import { sha256 } from "@everlearn/digest";

/**
 * SHA-256 (hex) of what a run found. Numbers go in as little-endian float32 (θ), float64 (R and intermediate evaluations;
 * −1 for an accuracy left out) and uint16 (answers).
 */
export function digestOf(
  theta: Float32Array,
  accuracy: readonly (readonly (number | null)[])[],
  predictions: Uint16Array,
  intermediate: readonly IntermediateEvaluation[],
): string {
  const floats = (values: readonly (number | null)[]) => Float64Array.from(values, (value) => value ?? -1);
  const seen = intermediate.flatMap(({ experience, examples, accuracy }) => [experience, examples, ...accuracy]);
  return sha256(...[theta, floats(accuracy.flat()), predictions, floats(seen)].map(bytesIn));
}

function bytesIn(array: Float32Array | Float64Array | Uint16Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
