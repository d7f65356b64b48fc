import type { Examples, Experience, Input } from "@everlearn/contracts";

/** Returns `i` if it is from 0 to `count` − 1. @throws RangeError where it is not */
export function within(count: number, i: number, what: string): number {
  if (Number.isInteger(i) && i >= 0 && i < count) return i;
  throw new RangeError(`There is no ${what} ${i}; use 0 to ${count - 1}.`);
}

/** An array of zeros of the same type, bytes or floats, as the examples' inputs. */
function blank(examples: Examples, size: number): Input {
  return examples.input(0) instanceof Float32Array ? new Float32Array(size) : new Uint8Array(size);
}

/** The examples at `places`, in that order. */
export function selected(examples: Examples, places: Uint32Array): Examples {
  return {
    length: places.length,
    label: (i) => examples.label(places[within(places.length, i, "example")]),
    input: (i, into) => examples.input(places[within(places.length, i, "example")], into),
  };
}

/** The examples of an experience at `places`, in that order. */
export function selectedExperience(experience: Experience, places: Uint32Array): Experience {
  return {
    ...selected(experience, places),
    task: (i) => experience.task(places[within(places.length, i, "example")]),
  };
}

/** Turns examples into an experience of one task. */
export function ofTask(examples: Examples, task: number): Experience {
  return {
    ...examples,
    task(i) {
      within(examples.length, i, "example");
      return task;
    },
  };
}

/**
 * The examples with every input's values rearranged: value i is the one that was at `from[i]`, and 0 where `from[i]` is
 * the number of values.
 */
export function rearranged(examples: Examples, from: Uint16Array | Uint32Array): Examples {
  const original = blank(examples, from.length + 1); // its last value stays 0
  const values = original.subarray(0, from.length);
  return {
    length: examples.length,
    label: (i) => examples.label(i),
    input(i, into = blank(examples, from.length)) {
      examples.input(i, values);
      gather(original, from, into);
      return into;
    },
  };
}

/**
 * Gathers values: into[i] ← values[from[i]]. This is evaluation's inner loop; unrolled by eight, and outside of
 * closures, it takes half as long.
 */
function gather(values: Input, from: Uint16Array | Uint32Array, into: Input): void {
  const n = from.length;
  const whole = n - (n % 8);
  for (let i = 0; i < whole; i += 8) {
    into[i] = values[from[i]];
    into[i + 1] = values[from[i + 1]];
    into[i + 2] = values[from[i + 2]];
    into[i + 3] = values[from[i + 3]];
    into[i + 4] = values[from[i + 4]];
    into[i + 5] = values[from[i + 5]];
    into[i + 6] = values[from[i + 6]];
    into[i + 7] = values[from[i + 7]];
  }
  for (let i = whole; i < n; i++) into[i] = values[from[i]];
}
