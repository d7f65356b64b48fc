/** What counts as 0 in a program without units: a little more than float64's relative error. */
const ZERO = 1e-60 * 2 ** 150;

/** A turn of the plane that takes (a, b) to (length, 0), up to sign; where the cosine is 0 it exchanges the two. */
interface Turn {
  readonly length: number;
  readonly cosine: number;
  readonly sine: number;
  /** sine / (1 + cosine) */
  readonly nu: number;
}

/** Undefined where there is nothing to turn. */
function turnOf(a: number, b: number): Turn | undefined {
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

function turn(values: Float64Array, i: number, j: number, { cosine, sine, nu }: Turn): void {
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

/** The upper triangle U of D = UᵀU, column by column; undefined where D is not positive definite. */
function cholesky(D: Float64Array, n: number): Float64Array | undefined {
  const U = D.slice();
  for (let j = 0; j < n; j++) {
    let squares = 0;
    for (let k = 0; k < j; k++) {
      let t = U[j * n + k];
      for (let i = 0; i < k; i++) t -= U[j * n + i] * U[k * n + i];
      t /= U[k * n + k];
      U[j * n + k] = t;
      squares += t * t;
    }
    const rest = U[j * n + j] - squares;
    if (rest <= 0) return undefined;
    U[j * n + j] = Math.sqrt(rest);
  }
  return U;
}

/** The x with UᵀUx = −d. */
function unbound(U: Float64Array, d: readonly number[]): Float64Array {
  const n = d.length;
  const x = Float64Array.from(d, (value) => -value);
  for (let k = 0; k < n; k++) {
    let t = 0;
    for (let i = 0; i < k; i++) t += U[k * n + i] * x[i];
    x[k] = (x[k] - t) / U[k * n + k];
  }
  for (let k = n - 1; k >= 0; k--) {
    x[k] /= U[k * n + k];
    for (let i = 0; i < k; i++) x[i] -= x[k] * U[k * n + i];
  }
  return x;
}

/** U⁻¹, row by row. U is overwritten. */
function inverse(U: Float64Array, n: number): Float64Array {
  for (let k = 0; k < n; k++) {
    U[k * n + k] = 1 / U[k * n + k];
    for (let i = 0; i < k; i++) U[k * n + i] *= -U[k * n + k];
    for (let j = k + 1; j < n; j++) {
      const t = U[j * n + k];
      U[j * n + k] = 0;
      for (let i = 0; i <= k; i++) U[j * n + i] += t * U[k * n + i];
    }
  }
  const J = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = i; j < n; j++) J[i * n + j] = U[j * n + i];
  return J;
}

/**
 * The x ≥ least (each element) that minimises ½xᵀDx + dᵀx, by the dual method of Goldfarb & Idnani 1983 where all
 * constraints are bounds: from the minimum without bounds on, one that is violated most becomes active, and others
 * cease to be. Its numbers are those of the authors' Fortran (R's quadprog), bit for bit; what these multiply with the
 * zeros of a matrix of constraints is left out, and all matrices are walked along their rows.
 * @param D symmetric, n × n, row by row
 * @param d n numbers
 * @returns undefined where D is not positive definite, up to rounding; numbers that are not finite where D has such.
 */
export function dualMethod(D: Float64Array, d: readonly number[], least: readonly number[]): Float64Array | undefined {
  const n = d.length;
  const U = cholesky(D, n);
  if (!U) return undefined;
  const x = unbound(U, d);
  const J = inverse(U, n); // its first columns span what the active bounds allow no more, the rest is free
  const R = new Float64Array(n * n); // the active bounds' directions in J's first columns; a triangle, column by column
  const active: number[] = [];
  const u = new Float64Array(n + 1); // the active bounds' multipliers, and that of the one that is to become active
  const r = new Float64Array(n); // how these change along the step
  const z = new Float64Array(n); // the step

  /** x's distance to a bound; 0 where it is active. */
  const slack = (i: number): number => {
    const value = x[i] - least[i];
    return Math.abs(value) < ZERO || active.includes(i) ? 0 : value;
  };

  /** The bound that is violated most, or −1. */
  function violated(): number {
    let [most, at] = [0, -1];
    for (let i = 0; i < n; i++) {
      const value = slack(i);
      if (value < most) [most, at] = [value, i];
    }
    return at;
  }

  /** z and r for the direction that is `e` in J's columns. */
  function direct(e: Float64Array): void {
    const m = active.length;
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let j = m; j < n; j++) sum += J[i * n + j] * e[j];
      z[i] = sum;
    }
    for (let i = m - 1; i >= 0; i--) {
      let sum = e[i];
      for (let j = i + 1; j < m; j++) sum -= R[j * n + i] * r[j];
      r[i] = sum / R[i * n + i];
    }
  }

  /** Which active bound's multiplier is the first to become 0 along r; −1 where none does. */
  function firstToCease(): number {
    let at = -1;
    for (let i = 0; i < active.length; i++) if (r[i] > 0 && (at < 0 || u[i] / r[i] < u[at] / r[at])) at = i;
    return at;
  }

  function move(t: number): void {
    for (let i = 0; i < active.length; i++) u[i] -= t * r[i];
    u[active.length] += t;
  }

  function activate(bound: number, e: Float64Array): void {
    const m = active.length;
    const turns: [at: number, Turn][] = [];
    for (let i = n - 1; i > m; i--) {
      const next = turnOf(e[i - 1], e[i]);
      if (!next) continue;
      e[i - 1] = next.length;
      turns.push([i, next]);
    }
    for (let row = 0; row < n; row++) for (const [i, next] of turns) turn(J, row * n + i - 1, row * n + i, next);
    R.set(e.subarray(0, m + 1), m * n);
    active.push(bound);
  }

  function deactivate(at: number): void {
    const m = active.length;
    for (let i = at; i < m - 1; i++) {
      const next = turnOf(R[(i + 1) * n + i], R[(i + 1) * n + i + 1]);
      if (next) {
        for (let j = i + 1; j < m; j++) turn(R, j * n + i, j * n + i + 1, next);
        for (let row = 0; row < n; row++) turn(J, row * n + i, row * n + i + 1, next);
      }
      R.copyWithin(i * n, (i + 1) * n, (i + 1) * n + i + 1);
    }
    u.copyWithin(at, at + 1, m + 1);
    u[m] = 0;
    active.splice(at, 1);
  }

  while (x.every(Number.isFinite)) {
    const bound = violated();
    if (bound < 0) break;
    let distance = slack(bound);
    for (;;) {
      const e = J.slice(bound * n, (bound + 1) * n);
      direct(e);
      const ceasing = firstToCease();
      const partial = ceasing < 0 ? Infinity : u[ceasing] / r[ceasing];
      if (z.reduce((sum, value) => sum + value * value, 0) <= ZERO) {
        if (ceasing < 0) return undefined;
        move(partial);
      } else {
        const full = -distance / z[bound];
        const ceases = partial < full;
        const t = ceases ? partial : full;
        for (let i = 0; i < n; i++) {
          x[i] += t * z[i];
          if (Math.abs(x[i]) < ZERO) x[i] = 0;
        }
        move(t);
        if (!ceases) {
          activate(bound, e);
          break;
        }
        distance = x[bound] - least[bound];
      }
      deactivate(ceasing);
    }
  }
  return x;
}
