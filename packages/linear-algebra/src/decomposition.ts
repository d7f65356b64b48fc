import type { DenseMatrix } from "./matrix.js";

/** Rows that are summed over, or factored, in one go: what they are packed into stays in the caches. */
export const BLOCK = 128;

/** What the kernel exports; kernel/kernel.c says what each does. */
export interface Kernel {
  update(
    ...[c, stride, a, step, next, b, bStride, rows, columns, depth, negative, upper, room]: readonly number[]
  ): void;
  factor(u: number, stride: number, from: number, to: number): number;
  forward(u: number, stride: number, from: number, to: number, x: number, xStride: number): void;
  backward(u: number, stride: number, from: number, to: number, x: number, xStride: number): void;
}

/** A part of a matrix: its first row's address, and how far apart rows are. */
type Place = Pick<DenseMatrix, "address" | "stride">;

/** C ← C ± AᵀB, for an A whose `step` from row to row and `next` from column to column say how its elements follow. */
export type Update = (
  c: Pick<DenseMatrix, "address" | "stride" | "rows" | "columns">,
  a: { readonly address: number; readonly step: number; readonly next: number },
  b: Place,
  depth: number,
  options?: { readonly negative?: boolean; readonly upper?: boolean },
) => void;

/** Cholesky's decomposition and what is solved with it, block by block. */
export function decomposition(kernel: Kernel, update: Update) {
  const part = ({ address, stride, columns }: DenseMatrix, from: number, to: number) => ({
    ...{ address: address + from * stride, stride, columns, rows: to - from },
  });

  function solveTransposed(u: DenseMatrix, x: DenseMatrix): void {
    const n = u.rows;
    for (let from = 0; from < n; from += BLOCK) {
      const to = Math.min(from + BLOCK, n);
      kernel.forward(u.address, u.stride, from, to, x.address, x.stride);
      const right = { address: u.address + from * u.stride + 8 * to, step: u.stride, next: 8 };
      if (to < n) update(part(x, to, n), right, part(x, from, to), to - from, { negative: true });
    }
  }

  return {
    factor(u: DenseMatrix): boolean {
      const n = u.rows;
      for (let from = 0; from < n; from += BLOCK) {
        const to = Math.min(from + BLOCK, n);
        if (kernel.factor(u.address, u.stride, from, to) > 0) return false;
        const rest = { address: u.address + to * (u.stride + 8), stride: u.stride, rows: n - to, columns: n - to };
        const above = { address: u.address + from * u.stride + 8 * to, step: u.stride, next: 8, stride: u.stride };
        if (to < n) update(rest, above, above, to - from, { negative: true, upper: true });
      }
      return true;
    },
    solveTransposed,
    solve(u: DenseMatrix, x: DenseMatrix): void {
      solveTransposed(u, x);
      const n = u.rows;
      for (let from = BLOCK * Math.floor((n - 1) / BLOCK); from >= 0; from -= BLOCK) {
        const to = Math.min(from + BLOCK, n);
        const right = { address: u.address + from * u.stride + 8 * to, step: 8, next: u.stride };
        if (to < n) update(part(x, from, to), right, part(x, to, n), n - to, { negative: true });
        kernel.backward(u.address, u.stride, from, to, x.address, x.stride);
      }
    },
  };
}
