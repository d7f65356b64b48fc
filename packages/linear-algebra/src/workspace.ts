import { createMemory, type Memory } from "@everlearn/wasm";
import { BLOCK, decomposition, type Kernel, type Update } from "./decomposition.js";
import { kernel } from "./kernel.wasm.js";
import type { DenseMatrix } from "./matrix.js";

/**
 * A place for matrices, and what can be computed with them. Every element of a product is a sum of its own, in ascending order
 * of the index that is summed over, so the bits are those of three nested loops, on every machine.
 */
export interface Workspace {
  /**
   * Makes a matrix of zeros, which stays until the workspace goes.
   * @throws RangeError where there is no room for it: a workspace has 4 GiB at most
   */
  matrix(rows: number, columns: number): DenseMatrix;
  /** C ← C + AᵀA, on and right of the diagonal; A's first `rows` rows only. */
  addGram(c: DenseMatrix, a: DenseMatrix, rows?: number): void;
  /** C ← C + AᵀB, or on and right of the diagonal only; A's and B's first `rows` rows only. */
  addTransposed(
    c: DenseMatrix,
    a: DenseMatrix,
    b: DenseMatrix,
    options?: { readonly rows?: number; readonly upper?: boolean },
  ): void;
  /** C ← C + A·B; A's and C's first `rows` rows only, and perhaps what follows them up to a multiple of four. */
  addProduct(c: DenseMatrix, a: DenseMatrix, b: DenseMatrix, rows?: number): void;
  /**
   * U ← the upper triangular U with UᵀU = U as it was, of which only what is on and right of the diagonal counts (Cholesky's
   * decomposition). What is left of the diagonal has no meaning afterwards.
   * @returns whether the matrix was positive definite; U is of no use where it was not
   */
  factor(u: DenseMatrix): boolean;
  /** X ← (Uᵀ)⁻¹ X, for a factor U: the squares of a column's numbers then sum up to xᵀ(UᵀU)⁻¹x. */
  solveTransposed(u: DenseMatrix, x: DenseMatrix): void;
  /** X ← (UᵀU)⁻¹ X, for a factor U. */
  solve(u: DenseMatrix, x: DenseMatrix): void;
}

const padded = (n: number): number => 4 * Math.ceil(n / 4);

/** A workspace with a memory of its own, which goes with it. */
export function createWorkspace(): Workspace {
  const memory: Memory<Kernel> = createMemory<Kernel>(kernel);
  let room = { address: 0, numbers: 0 };

  function take(numbers: number, what: string): number {
    try {
      return memory.take(8 * numbers);
    } catch (error) {
      const mebibytes = Math.ceil((8 * numbers) / 2 ** 20);
      throw new RangeError(
        `There is no room for ${what}, ${mebibytes} MiB; use fewer features, projections or classes.`,
        {
          cause: error,
        },
      );
    }
  }

  /** Room for products that are added to a matrix of so many rows; taken with the matrix, so that no product takes any. */
  function makeRoom(rows: number): void {
    const numbers = BLOCK * (padded(rows) + 4);
    if (numbers > room.numbers) room = { address: take(numbers, "what a product needs beside"), numbers };
  }

  const update: Update = (c, a, b, depth, { negative = false, upper = false } = {}) => {
    const [rows, columns] = [padded(c.rows) / 4, padded(c.columns) / 4];
    for (let from = 0; from < depth; from += BLOCK) {
      const count = Math.min(BLOCK, depth - from);
      const [left, right] = [a.address + from * a.step, b.address + from * b.stride];
      memory.kernel.update(
        ...[c.address, c.stride, left, a.step, a.next, right, b.stride],
        ...[rows, columns, count, Number(negative), Number(upper), room.address],
      );
    }
  };

  return {
    matrix(rows, columns) {
      makeRoom(rows);
      const stride = 8 * padded(columns);
      const address = take((padded(rows) * stride) / 8, `a matrix of ${rows} × ${columns} numbers`);
      return {
        ...{ rows, columns, address, stride },
        row(i) {
          if (!(i >= 0 && i < rows)) throw new RangeError(`There is no row ${i} of ${rows}.`);
          const start = (address + i * stride) / 8;
          return memory.doubles.subarray(start, start + columns);
        },
        clear() {
          memory.doubles.fill(0, address / 8, (address + padded(rows) * stride) / 8);
        },
      };
    },
    addGram(c, a, rows = a.rows) {
      update(c, { ...a, step: a.stride, next: 8 }, a, rows, { upper: true });
    },
    addTransposed(c, a, b, { rows = a.rows, upper = false } = {}) {
      update(c, { ...a, step: a.stride, next: 8 }, b, rows, { upper });
    },
    addProduct(c, a, b, rows = a.rows) {
      update({ ...c, rows }, { ...a, step: 8, next: a.stride }, b, a.columns);
    },
    ...decomposition(memory.kernel, update),
  };
}
