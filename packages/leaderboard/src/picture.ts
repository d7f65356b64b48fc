import { blockStarts, downsample } from "./downsample.js";
import { type Colour, colourOf } from "./palette.js";
import type { Receipt } from "@everlearn/records";
import { accuracyMatrix, inOrder, type RunResult, tasksOf } from "./result.js";
import { shares } from "./tables/runs.js";

const mostLines = 12;
const narrowest = 20;
const shades = " ░▒▓█";
const reset = "\u001b[0m";

/**
 * R as a small picture for a terminal, at most `width` columns and 14 lines, no newline at the end. The number left of
 * a line is the first task or experience it stands for (from 1); where R is too large, neighbours are averaged.
 * @param options `width`: columns, at least 20; 72 by default. `color`: 24-bit ANSI colours, two rows of R a line where
 * there are more than 12; else the shades " ░▒▓█", 20% each.
 * @throws RangeError where the width is smaller, or R is not E × T with fractions.
 */
export function accuracyPicture(
  result: RunResult,
  { width = 72, color = false }: { readonly width?: number; readonly color?: boolean } = {},
): string {
  if (!(width >= narrowest))
    throw new RangeError(`A picture of R needs ${narrowest} columns; ${width} is too narrow: give a larger width.`);
  const matrix = accuracyMatrix(result);
  const [rows, tasks] = [matrix.length, matrix[0].length];
  const { cells, lines } = framed(matrix, 1, width, color);
  const unit = inOrder(tasksOf(result), tasks) ? "task" : "experience";
  const averaged = [
    ...blocks(rows, cells.length, unit),
    ...(unit === "task" ? [] : blocks(tasks, cells[0].length, "task")),
  ];
  return [...lines, legend(unit, rows, tasks, averaged, width)].join("\n");
}

/**
 * A run's last confusion matrix as such a picture: of the examples of each output that is right (a row, from 0), the share
 * that was answered with each output (a column). Undefined where the run has none.
 */
export function confusionText(
  { confusion }: Pick<Receipt, "confusion">,
  { width = 72, color = false }: { readonly width?: number; readonly color?: boolean } = {},
): string | undefined {
  const matrix = shares(confusion?.at(-1))?.map((row) => row.map((share) => share ?? Number.NaN));
  if (matrix === undefined || matrix.length === 0) return undefined;
  const outputs = matrix.length;
  const { cells, lines } = framed(matrix, 0, width, color);
  const averaged = blocks(outputs, cells.length, "output").map((text) => `; ${text}`);
  const full = `rows: right output 0–${outputs - 1}, columns: answered`;
  return [...lines, firstFitting([`${full}${averaged.join("")}`, full, "↓ right, → answered"], width)].join("\n");
}

/** A matrix of fractions in a frame, with the number of each line's first row, counted from `from`, and with a scale. */
function framed(
  matrix: readonly (readonly number[])[],
  from: number,
  width: number,
  color: boolean,
): { readonly cells: readonly (readonly number[])[]; readonly lines: string[] } {
  const [rows, across] = [matrix.length, matrix[0].length];
  const gutter = String(rows - 1 + from).length;
  const columns = Math.floor(width) - gutter - 2; // between the two frame lines
  const paired = color && Math.max(rows, across) > mostLines;
  const cells = downsample(matrix, paired ? Math.min(2 * mostLines, columns) : Math.min(mostLines, columns >> 1));
  const starts = blockStarts(rows, cells.length);
  const lines: string[] = [];
  for (let i = 0; i < cells.length; i += paired ? 2 : 1) {
    const line = paired ? pairOfRows(cells[i], cells[i + 1]) : color ? colouredRow(cells[i]) : shadedRow(cells[i]);
    lines.push(`${String(starts[i] + from).padStart(gutter)}│${line}│`);
  }
  const gap = cells.some((row) => row.some(Number.isNaN));
  lines.push(color ? colourScale(width, gap) : shadeScale(width, gap));
  return { cells, lines };
}

function shadedRow(row: readonly number[]): string {
  return row
    .map((value) => (Number.isNaN(value) ? "··" : shades[Math.min(4, Math.floor(value * 5))].repeat(2)))
    .join("");
}

function colouredRow(row: readonly number[]): string {
  return `${row.map((value) => `${background(colourOf(value))}${Number.isNaN(value) ? "\u001b[30m··" : "  "}`).join("")}${reset}`;
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
  const note = gap ? firstFitting(["  grey: not evaluated", "  grey: none", ""], width - length - 8) : "";
  return `0% ${bar}${reset} 100%${note}`;
}

function shadeScale(width: number, gap: boolean): string {
  const full = "' ' below 20%, ░ below 40%, ▒ below 60%, ▓ below 80%, █ above";
  const short = "0% ' ░▒▓█' 100%";
  const notes = gap ? [`${full}, · not evaluated`, `${short}, · not evaluated`, `${short}, · none`] : [full];
  return firstFitting([...notes, short], width);
}

/** Says how many tasks or experiences an entry stands for, if it is more than one. */
function blocks(n: number, shown: number, unit: string): string[] {
  if (n === shown) return [];
  const block = n / shown;
  const side = Number.isInteger(block) ? String(block) : `${Math.floor(block)}–${Math.ceil(block)}`;
  return [`${side} ${unit}s averaged`];
}

/** The line that explains rows and columns, as fully as the width allows. */
function legend(
  unit: "task" | "experience",
  rows: number,
  tasks: number,
  averaged: readonly string[],
  width: number,
): string {
  const range = (what: string, n: number) => (n === 1 ? `${what} 1` : `${what} 1–${n}`);
  const trained = range(unit, rows);
  const tested = range("task", tasks);
  const full = `rows: after training on ${trained}, columns: tested on ${tested}`;
  const same = unit === "task" ? "trained on" : `trained on ${unit}s`;
  const short = `rows: ${same}, columns: tested on ${tested}`;
  const notes = averaged.length > 0 ? [full, short].map((text) => `${text}; ${averaged.join(", ")}`) : [];
  return firstFitting([...notes, full, short, "↓ trained, → tested"], width);
}

function firstFitting(texts: readonly string[], width: number): string {
  return texts.find((text) => text.length <= width) ?? texts[texts.length - 1];
}
