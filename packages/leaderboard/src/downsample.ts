/**
 * A square matrix shrunk to at most `most` × `most`: each entry is the mean of a block, and blocks differ by at most
 * one in height and width. A block with a NaN is NaN. A matrix that fits is answered as it is.
 */
export function downsample(matrix: readonly (readonly number[])[], most: number): readonly (readonly number[])[] {
  const tasks = matrix.length;
  if (tasks <= most) return matrix;
  const size = Math.ceil(tasks / Math.ceil(tasks / most));
  const starts = blockStarts(tasks, size);
  return Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (_, j) => {
      const block = matrix.slice(starts[i], starts[i + 1]).flatMap((row) => row.slice(starts[j], starts[j + 1]));
      return block.reduce((sum, value) => sum + value, 0) / block.length;
    }),
  );
}

/** Where each of `size` blocks of 0…n−1 starts, and n. */
export function blockStarts(n: number, size: number): number[] {
  return Array.from({ length: size + 1 }, (_, k) => Math.floor((k * n) / size));
}
