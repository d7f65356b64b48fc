import type { Examples, Input } from "@everlearn/contracts";
import { difference } from "./difference.js";
import type { Finding } from "./check.js";

/** Up to `count` places spread over `length`, ascending, the first and the last among them. */
export function spread(length: number, count: number): number[] {
  if (length <= count) return Array.from({ length }, (_, i) => i);
  return Array.from({ length: count }, (_, i) => Math.floor((i * (length - 1)) / (count - 1)));
}

/** The inputs and labels at some places. */
export const read = (examples: Examples, places: readonly number[]) =>
  places.map((i) => ({ input: examples.input(i).slice(), label: examples.label(i) }));

/** What is wrong with the number of examples, their labels or their inputs. */
export function misshapen(
  examples: Examples,
  labelsOf: (i: number) => number,
  shape: readonly number[],
  places: number,
): Finding {
  const { length } = examples;
  if (!Number.isInteger(length) || length < 1) return `the number of examples is ${length}`;
  for (let i = 0; i < length; i++) {
    const [label, labels] = [examples.label(i), labelsOf(i)];
    if (!(Number.isInteger(label) && label >= 0 && label < labels))
      return `the label of example ${i} is ${label} where there are ${labels}`;
  }
  const size = shape.reduce((product, side) => product * side, 1);
  for (const i of spread(length, places)) {
    const x = examples.input(i);
    if (!(x instanceof Uint8Array || x instanceof Float32Array))
      return `input ${i} is neither a Uint8Array nor a Float32Array`;
    if (x.length !== size) return `input ${i} has ${x.length} values where the shape [${shape.join(", ")}] has ${size}`;
    if (x.some((value) => !Number.isFinite(value))) return `input ${i} is not finite`;
    if (x.constructor !== examples.input(0).constructor) return `input ${i} is of another type than input 0`;
  }
  return undefined;
}

/** How reading again, in another order, or into a given array differs from reading once. */
export function unsteady(examples: Examples, places: number): Finding {
  const chosen = spread(examples.length, places);
  const kept = chosen.map((i) => examples.input(i));
  const first = kept.map((x) => x.slice());
  const labels = chosen.map((i) => examples.label(i));
  for (let at = chosen.length - 1; at >= 0; at--) {
    const i = chosen[at];
    const again = difference(examples.input(i), first[at], `input ${i}`);
    if (again) return `read again in reverse order, ${again}`;
    if (examples.label(i) !== labels[at]) return `read again, label ${i} is ${examples.label(i)}`;
  }
  const into: Input = first[0].slice();
  for (const [at, i] of chosen.entries()) {
    into.fill(1);
    if (examples.input(i, into) !== into) return `input(${i}, into) did not answer into`;
    const written = difference(into, first[at], `input ${i}`);
    if (written) return `written to into, ${written}`;
  }
  const late = difference(kept, first, "input");
  return late && `after other inputs were read, the answered ${late}`;
}

/** The first of these calls that answers instead of throwing. */
export function answering(calls: Readonly<Record<string, () => unknown>>): Finding {
  for (const [name, call] of Object.entries(calls)) {
    try {
      const answer = call();
      return `${name} answered ${answer === undefined ? "undefined" : `a ${typeof answer}`}`;
    } catch (error) {
      if (!(error instanceof RangeError)) return `${name} threw ${String(error)}, which is no RangeError`;
    }
  }
  return undefined;
}

/** Calls for examples that are not there. */
export const beyond = (name: string, examples: Examples): Record<string, () => unknown> => ({
  [`${name}.label(${examples.length})`]: () => examples.label(examples.length),
  [`${name}.label(-1)`]: () => examples.label(-1),
  [`${name}.input(${examples.length})`]: () => examples.input(examples.length),
  [`${name}.input(-1)`]: () => examples.input(-1),
});
