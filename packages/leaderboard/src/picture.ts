import { blockStarts, downsample } from "./downsample.js";
import { type Colour, colourOf } from "./palette.js";
import { accuracyMatrix, type RunResult } from "./result.js";

const mostLines = 12;
const narrowest = 20;
const shades = " ░▒▓█";
const reset = "\u001b[0m";

/**
 * R as a small picture for a terminal, at most `width` columns and 14 lines, no newline at the end. The number left of
 * a line is the first task it stands for (from 1); where T is too large, neighbouring tasks are averaged.
 * @param options.width columns, at least 20; 72 by default.
 * @param options.color 24-bit ANSI colours, two rows of R a line where there are more than 12; else the shades " ░▒▓█", 20% each.
 * @throws RangeError where the width is smaller, or R is not T × T with fractions.
 */
export function accuracyPicture(
  result: RunResult,
  { width = 72, color = false }: { readonly width?: number; readonly color?: boolean } = {},
): string {
  if (!(width >= narrowest))
    throw new RangeError(`A picture of R needs ${narrowest} columns; ${width} is too narrow: give a larger width.`);
  const matrix = accuracyMatrix(result);
  const tasks = matrix.length;
  const gutter = String(tasks).length;
  const columns = Math.floor(width) - gutter - 2; // between the two frame lines
  const paired = color && tasks > mostLines;
  const cells = downsample(matrix, paired ? Math.min(2 * mostLines, columns) : Math.min(mostLines, columns >> 1));
  const starts = blockStarts(tasks, cells.length);
  const lines: string[] = [];
  for (let i = 0; i < cells.length; i += paired ? 2 : 1) {
    const line = paired ? pairOfRows(cells[i], cells[i + 1]) : color ? colouredRow(cells[i]) : shadedRow(cells[i]);
    lines.push(`${String(starts[i] + 1).padStart(gutter)}│${line}│`);
  }
  const gap = cells.some((row) => row.some(Number.isNaN));
  lines.push(color ? colourScale(width, gap) : shadeScale(width, gap), legend(tasks, cells.length, width));
  return lines.join("\n");
}

function shadedRow(row: readonly number[]): string {
  return row
    .map((value) => (Number.isNaN(value) ? "??" : shades[Math.min(4, Math.floor(value * 5))].repeat(2)))
    .join("");
}

function colouredRow(row: readonly number[]): string {
  return `${row.map((value) => `${background(colourOf(value))}${Number.isNaN(value) ? "\u001b[30m??" : "  "}`).join("")}${reset}`;
}

/** Two rows in one line: the upper half block's ink is the upper row, its background the lower one. */
function pairOfRows(upper: readonly number[], lower: readonly number[] | undefined): string {
  const blocks = upper.map((value, j) => {
    const ink = `\u001b[38;2;${colourOf(value).join(";")}m`;
    return lower === undefined ? `${ink}▀` : `${ink}${background(colourOf(lower[j]))}▀`;
  });
  return `${blocks.join("")}${reset}`;
}

function background(colour: Colour): string {
  return `\u001b[48;2;${colour.join(";")}m`;
}

function colourScale(width: number, gap: boolean): string {
  const length = Math.min(20, Math.floor(width) - 8);
  const bar = Array.from({ length }, (_, i) => `${background(colourOf((i + 0.5) / length))} `).join("");
  const note = gap ? firstFitting(["  grey: no value", ""], width - length - 8) : "";
  return `0% ${bar}${reset} 100%${note}`;
}

function shadeScale(width: number, gap: boolean): string {
  const full = "' ' below 20%, ░ below 40%, ▒ below 60%, ▓ below 80%, █ above";
  const short = "0% ' ░▒▓█' 100%";
  const notes = gap ? [`${full}, ? no value`, `${short}, ? none`] : [full];
  return firstFitting([...notes, short], width);
}

/** The one line that says what rows and columns are, as fully as the width allows. */
function legend(tasks: number, shown: number, width: number): string {
  const range = tasks === 1 ? "task 1" : `task 1–${tasks}`;
  const block = tasks / shown;
  const side = Number.isInteger(block) ? String(block) : `${Math.floor(block)}–${Math.ceil(block)}`;
  const full = `rows: after training on ${range}, columns: tested on ${range}`;
  return firstFitting(
    [
      ...(shown < tasks
        ? [`${full}; ${side} tasks averaged`, `rows: trained on, columns: tested on ${range}; ${side} tasks averaged`]
        : []),
      full,
      `rows: trained on, columns: tested on ${range}`,
      "↓ trained, → tested",
    ],
    width,
  );
}

function firstFitting(texts: readonly string[], width: number): string {
  return texts.find((text) => text.length <= width) ?? texts[texts.length - 1];
}
