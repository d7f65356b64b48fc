/** A Givens rotation that takes (a, b) to (length, 0), up to sign; where the cosine is 0 it exchanges the two. */
export interface Rotation {
  readonly length: number;
  readonly cosine: number;
  readonly sine: number;
  /** sine / (1 + cosine) */
  readonly nu: number;
}

/** The rotation of (a, b); undefined where there is nothing to rotate. */
export function rotationOf(a: number, b: number): Rotation | undefined {
  if (b === 0) return undefined;
  const long = Math.max(Math.abs(a), Math.abs(b));
  const short = Math.min(Math.abs(a), Math.abs(b));
  const size = long * Math.sqrt(1 + (short * short) / (long * long));
  const length = a >= 0 ? size : -size;
  const cosine = a / length;
  const sine = b / length;
  if (cosine === 1) return undefined;
  return { length: cosine === 0 ? sine * length : length, cosine, sine, nu: sine / (1 + cosine) };
}

/** Rotates elements i and j of an array. */
export function rotate(values: Float64Array, i: number, j: number, { cosine, sine, nu }: Rotation): void {
  const a = values[i];
  const b = values[j];
  if (cosine === 0) {
    values[i] = b;
    values[j] = a;
  } else {
    values[i] = cosine * a + sine * b;
    values[j] = nu * (a + values[i]) - b;
  }
}
