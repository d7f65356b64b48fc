import type { IntermediateEvaluation, Prequential } from "@everlearn/contracts";
import { sha256 } from "@everlearn/digest";

/**
 * SHA-256 (hex) of what a run found. Numbers go in as little-endian float32 (θ), float64 (R and intermediate evaluations;
 * −1 for what is left out; at the end what a prequential evaluation counted, by class and in windows) and uint16 (answers).
 */
export function digestOf(
  theta: Float32Array,
  accuracy: readonly (readonly (number | null)[])[],
  predictions: Uint16Array,
  intermediate: readonly IntermediateEvaluation[],
  prequential?: Prequential,
): string {
  const floats = (values: readonly (number | null)[]) => Float64Array.from(values, (value) => value ?? -1);
  const seen = intermediate.flatMap(({ experience, examples, accuracy }) => [experience, examples, ...accuracy]);
  const before = prequential
    ? [
        ...prequential.classes.flatMap(({ examples, answers, right }) => [examples, answers, right]),
        ...prequential.windows.flatMap((window) => [window.examples, window.accuracy, window.kappa, window.kappaM]),
      ]
    : [];
  return sha256(...[theta, floats(accuracy.flat()), predictions, floats([...seen, ...before])].map(bytesIn));
}

function bytesIn(array: Float32Array | Float64Array | Uint16Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
