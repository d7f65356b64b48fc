import { diagonal, labelled, mergedCells } from "../cells.js";
import { colourOf, inkOn, palette } from "../palette.js";
import { formatPercent, percentNumber } from "../percent.js";
import type { Course } from "./course.js";
import { picture } from "./frame.js";
import { type Element, el, type Markup } from "./markup.js";

/** The most rows and columns with which cells show their numbers. */
const mostNumbered = 12;
const left = 44;
const top = 6;

/** R in colours, for a page of either theme: rows after experiences, columns tested on tasks, both from 1. */
export function matrixPicture(accuracy: readonly (readonly number[])[], { tasks, ordered }: Course): Element {
  return colouredMatrix(accuracy, {
    name: "matrix",
    from: 1,
    description: description(accuracy, ordered),
    above: (cell) =>
      ordered ? [el("path", { class: "stairs", d: diagonal(accuracy[0].length, cell) })] : frames(tasks, cell),
    across: "tested on task →",
    down: (length) => (length < 110 ? "← after" : ordered ? "← after task" : "← after experience"),
  });
}

/** A confusion matrix in colours: rows are the outputs that were right, columns those that were answered, both from 0. */
export function confusionPicture(confusion: readonly (readonly number[])[]): Element {
  return colouredMatrix(confusion, {
    name: "matrix confusion",
    from: 0,
    description: confusionDescription(confusion),
    above: () => [],
    across: "answered →",
    down: () => "← right",
  });
}

interface MatrixLook {
  readonly name: string;
  /** The number of the first row and of the first column. */
  readonly from: number;
  readonly description: string;
  /** What lies above cells of this size. */
  above(cell: number): Markup[];
  readonly across: string;
  /** The title of the rows, for a matrix of this height. */
  down(length: number): string;
}

function colouredMatrix(matrix: readonly (readonly number[])[], look: MatrixLook): Element {
  const [rows, columns] = [matrix.length, matrix[0].length];
  const most = Math.max(rows, columns);
  const cell = most <= mostNumbered ? Math.min(46, Math.floor(480 / most)) : Math.max(3, Math.round(480 / most));
  const [across, down] = [cell * columns, cell * rows];
  const middle = (label: number) => cell * (label - 0.5);
  return picture(
    [Math.max(left + across + 8, 200), top + down + 46],
    look.description,
    { class: look.name, "data-cell": cell, "data-left": left, "data-top": top },
    el(
      "g",
      { transform: `translate(${left} ${top})` },
      ...Array.from(mergedCells(matrix, cell), ([fill, d]) => el("path", { fill, d, "shape-rendering": "crispEdges" })),
      ...(most <= mostNumbered ? numbers(matrix, cell) : []),
      ...look.above(cell),
    ),
    ...labelled(rows, cell).map((label) =>
      el("text", { x: left - 7, y: top + middle(label) + 4, "text-anchor": "end" }, label - 1 + look.from),
    ),
    ...labelled(columns, cell).map((label) =>
      el("text", { x: left + middle(label), y: top + down + 17, "text-anchor": "middle" }, label - 1 + look.from),
    ),
    el("text", { class: "title", x: left, y: top + down + 39 }, look.across),
    el(
      "text",
      { class: "title", transform: `translate(14 ${top}) rotate(-90)`, "text-anchor": "end" },
      look.down(down),
    ),
  );
}

function numbers(accuracy: readonly (readonly number[])[], cell: number): Markup[] {
  return accuracy.flatMap((row, i) =>
    row.map((value, j) =>
      Number.isNaN(value)
        ? null
        : el(
            "text",
            { class: "number", x: cell * (j + 0.5), y: cell * (i + 0.5) + 4, fill: inkOn(colourOf(value)) },
            percentNumber(value),
          ),
    ),
  );
}

/** Frames around the tasks of each experience. */
function frames(tasks: readonly (readonly number[])[], cell: number): Markup[] {
  const inset = Math.min(2, cell / 6);
  return tasks.flatMap((own, i) =>
    own.map((task) =>
      el("rect", {
        class: "learned",
        x: task * cell + inset,
        y: i * cell + inset,
        width: cell - 2 * inset,
        height: cell - 2 * inset,
      }),
    ),
  );
}

function description(accuracy: readonly (readonly number[])[], ordered: boolean): string {
  const unit = ordered ? "task" : "experience";
  const what = `Test accuracy of ${accuracy[0].length} tasks after each ${unit}.`;
  const shown = accuracy.length <= mostNumbered ? accuracy : accuracy.slice(-1);
  const rows = shown.map(
    (row, i) => `After ${unit} ${accuracy.length - shown.length + i + 1}: ${row.map(formatPercent).join(", ")}.`,
  );
  return [what, ...rows].join(" ");
}

/** The figures themselves if they are few, otherwise how often each output was answered where it was right. */
function confusionDescription(confusion: readonly (readonly number[])[]): string {
  const what = `Confusion matrix of ${confusion.length} outputs.`;
  const rows = confusion.map((row, y) => {
    if (confusion.length <= mostNumbered) return `Where ${y} was right: ${row.map(formatPercent).join(", ")}.`;
    return `${y}: right ${formatPercent(row[y])}.`;
  });
  return [what, ...rows].join(" ");
}

/** The legend of the colours. */
export function colourScale(): Element {
  return el(
    "p",
    { class: "scale" },
    "0%",
    el(
      "svg",
      { viewBox: "0 0 170 10", width: 170, height: 10, "aria-hidden": "true" },
      ...palette.map((fill, i) => el("rect", { x: 10 * i, width: i < 16 ? 11 : 10, height: 10, fill })),
    ),
    "100%",
  );
}
