import { colourOf, hexOf } from "./palette.js";

/** The levels of accuracy that colours distinguish, in steps of 0.5%. */
const levels = Array.from({ length: 201 }, (_, level) => hexOf(colourOf(level / 200)));

/** The cells of a matrix as one path for each colour; neighbours of one colour in a row are one rectangle, NaN is none. */
export function mergedCells(matrix: readonly (readonly number[])[], cell: number): Map<string, string> {
  const paths = new Map<string, string>();
  matrix.forEach((row, i) => {
    const colours = row.map((value) => (Number.isNaN(value) ? null : levels[Math.round(200 * value)]));
    for (let start = 0, end = 0; start < row.length; start = end) {
      const colour = colours[start];
      while (end < row.length && colours[end] === colour) end++;
      if (colour === null) continue;
      const run = (end - start) * cell;
      paths.set(colour, `${paths.get(colour) ?? ""}M${start * cell} ${i * cell}h${run}v${cell}h-${run}z`);
    }
  });
  return paths;
}

/** The upper edge of the diagonal: tasks right of it were not trained on yet. */
export function diagonal(columns: number, cell: number): string {
  return `M0 0${`h${cell}v${cell}`.repeat(columns)}`;
}

/** The tasks or experiences that get a label: the first, and multiples of a round step that leaves room for the text. */
export function labelled(count: number, cell: number): number[] {
  const step = cell >= 22 ? 1 : ([5, 10, 20, 50, 100, 200, 500].find((size) => size * cell >= 40) ?? 1000);
  return Array.from({ length: count }, (_, i) => i + 1).filter((label) => label === 1 || label % step === 0);
}
