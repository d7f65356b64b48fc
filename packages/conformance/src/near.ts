/** The first element of `actual` that is further than `tolerance` from `expected`, relatively where that is beyond 1. */
export function off(
  actual: Float32Array,
  expected: ArrayLike<number>,
  tolerance: number,
  name: string,
): string | undefined {
  const i = actual.findIndex(
    (value, at) => !(Math.abs(value - expected[at]) <= tolerance * Math.max(1, Math.abs(expected[at]))),
  );
  return i < 0 ? undefined : `${name}[${i}] is ${actual[i]} rather than ${expected[i]}`;
}

/** The L2 norm. */
export const norm = (values: Float32Array): number => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
