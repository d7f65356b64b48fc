/** Numbers of a vector that follow each other in the canonical order: rows, which are apart from each other in memory. */
export interface Block {
  /** Where the first row begins, in float32 from the vector's beginning: a multiple of 4. */
  readonly offset: number;
  readonly rows: number;
  /** The numbers of a row. */
  readonly columns: number;
  /** From one row's beginning to the next one's, in float32: a multiple of 4. */
  readonly stride: number;
}

/** How a network's vectors lie in memory, and in which order their numbers are told. */
export interface Layout {
  /** The float32 of a vector in memory, a multiple of 4. Those that belong to no block are always 0. */
  readonly length: number;
  /** In the canonical order; in memory too each follows the one before. */
  readonly blocks: readonly Block[];
}

/** The numbers of a vector, what is always 0 left out. */
export function sizeOf({ blocks }: Layout): number {
  return blocks.reduce((sum, { rows, columns }) => sum + rows * columns, 0);
}

/** Calls `visit(place, canonical, n)` for each row: n numbers that lie side by side in memory and in the canonical order. */
export function eachRow({ blocks }: Layout, visit: (place: number, canonical: number, n: number) => void): void {
  let canonical = 0;
  for (const { offset, rows, columns, stride } of blocks)
    for (let row = 0; row < rows; row++, canonical += columns) visit(offset + row * stride, canonical, columns);
}
