/**
 * A matrix shrunk to at most `most` rows and columns: each entry is the mean of a block, and blocks differ by at most one
 * in height and width. NaN is left out of the mean; a block of nothing else is NaN. A matrix that fits is answered as it
 * is.
 */
export function downsample(matrix: readonly (readonly number[])[], most: number): readonly (readonly number[])[] {
  const [rows, columns] = [matrix.length, matrix[0].length];
  if (rows <= most && columns <= most) return matrix;
  const down = blockStarts(rows, shrunk(rows, most));
  const across = blockStarts(columns, shrunk(columns, most));
  return down.slice(1).map((end, i) =>
    across.slice(1).map((right, j) => {
      const block = matrix.slice(down[i], end).flatMap((row) => row.slice(across[j], right));
      const values = block.filter((value) => !Number.isNaN(value));
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    }),
  );
}

/** The number of blocks, at most `most`, into which `n` is divided: of one size, as far as that goes. */
function shrunk(n: number, most: number): number {
  return Math.ceil(n / Math.ceil(n / most));
}

/** The start of each of `size` blocks of 0…n−1, and n at the end. */
export function blockStarts(n: number, size: number): number[] {
  return Array.from({ length: size + 1 }, (_, k) => Math.floor((k * n) / size));
}
