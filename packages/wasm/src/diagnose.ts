import type { Diagnostic, Random } from "@everlearn/contracts";
import { type Code, describeKernel } from "./native.js";

/**
 * Which kernel computes on this machine, and how fast, for `everlearn doctor`.
 * @param what a step is of, in words
 * @param prepare makes a network that draws from here, and answers what takes a step
 */
export function diagnoseKernel(code: Code, what: string, prepare: (random: Random) => () => void): Diagnostic[] {
  try {
    const kernel = describeKernel(code);
    const finding = `${kernel}; a step of ${what} takes ${milliseconds(prepare(fixed()))} ms.`;
    return [{ name: "kernel", works: true, finding }];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return [{ name: "kernel", works: false, finding: error.message }];
  }
}

/** The median of 25 rounds of a few steps, the first rounds apart. */
function milliseconds(step: () => void): string {
  const times: number[] = [];
  for (let round = -5; round < 25; round++) {
    const start = performance.now();
    for (let i = 0; i < 4; i++) step();
    if (round >= 0) times.push((performance.now() - start) / 4);
  }
  return times.toSorted((a, b) => a - b)[12].toPrecision(2);
}

/** Numbers for a trial; no run draws from here. */
function fixed(): Random {
  let state = 1;
  const uniform = () => (state = (state * 16807) % 2147483647) / 2147483647; // Park & Miller 1988
  return {
    uniform,
    integer: (bound) => Math.floor(uniform() * bound),
    permutation: (n, count = n) => Uint32Array.from({ length: count }, (_, i) => i),
    fork: fixed,
    save: () => state,
    load(saved) {
      state = saved as number;
    },
  };
}
