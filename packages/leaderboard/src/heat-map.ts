import { diagonal, labelled, mergedCells } from "./cells.js";
import { colourOf, hexOf, inkOn } from "./palette.js";
import { formatPercent, percentNumber } from "./percent.js";
import { accuracyMatrix, inOrder, type RunResult, tasksOf } from "./result.js";
import { escapeXml, shorten } from "./xml.js";

const margin = 24;
const narrowest = 460; // so that the lines of the heading fit
const ink = "#1b1f27";
const quietInk = "#565e6c";
const background = "#ffffff"; // no colour of the palette
const shortest = 64; // of the scale, so that its labels fit

/** Above this many tasks, cells carry no numbers. */
const mostNumbered = 12;
/** Above this many tasks, cells of one colour are one path without tooltips, which keeps 100 × 100 small. */
const mostSeparate = 25;

/**
 * R as a picture: an SVG document that needs nothing else, rows: after experience i, where that is one after training on
 * task i, columns: tested on task j. What was not evaluated stays blank. The colours always span 0% to 100%, so that two
 * pictures compare. Equal results give equal bytes. Tasks and experiences count from 1.
 * @param options.title the heading; by default the run's name and seed.
 * @throws RangeError where R is not E × T with fractions.
 */
export function accuracyHeatMap(result: RunResult, options: { readonly title?: string } = {}): string {
  const matrix = accuracyMatrix(result);
  const tasks = tasksOf(result);
  const [rows, columns] = [matrix.length, matrix[0].length];
  const ordered = inOrder(tasks, columns);
  const most = Math.max(rows, columns);
  const cell = most <= mostNumbered ? Math.min(64, Math.floor(516 / most)) : Math.max(2, Math.round(480 / most));
  const [across, down] = [cell * columns, cell * rows];
  const gutter = 34 + 8 * String(rows).length;
  const inner = gutter + across + 84;
  const width = Math.max(narrowest, inner + 2 * margin);
  const left = Math.floor((width - inner) / 2) + gutter;
  const top = 92;
  const height = top + Math.max(down, shortest) + 72;
  const room = Math.floor((width - 2 * margin) / 11); // characters of the heading's first line
  const suffix = options.title === undefined ? ` · seed ${result.seed}` : "";
  const title = options.title ?? result.name;
  const heading = `Retained accuracy (RA) ${metric(result, "retainedAccuracy")} · learning accuracy (LA) ${metric(result, "learningAccuracy")}`;

  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>${escapeXml(title + suffix)}</title>`,
    `<desc>${escapeXml(description(matrix, ordered, heading))}</desc>`,
    `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="10" fill="${background}" stroke="#d5d9e0"/>`,
    `<text x="${margin}" y="41" font-size="17" font-weight="600" fill="${ink}">${escapeXml(shorten(title, room - suffix.length) + suffix)}</text>`,
    `<text x="${margin}" y="63" fill="${quietInk}">${escapeXml(heading)}</text>`,
    `<g class="cells" transform="translate(${left} ${top})">`,
    ...(most <= mostSeparate ? separateCells(matrix, cell, ordered) : coloured(matrix, cell)),
    `</g>`,
    `<g class="diagonal" transform="translate(${left} ${top})" fill="none">`,
    ...(most <= mostSeparate ? taskFrames(matrix, tasks, cell) : ordered ? diagonalStairs(columns, cell) : []),
    `</g>`,
    `<g class="ticks" fill="${quietInk}">`,
    ...labelled(most, cell).flatMap((label) => {
      const middle = cell * (label - 0.5);
      return [
        ...(label > rows ? [] : [`<text x="${left - 8}" y="${top + middle + 4}" text-anchor="end">${label}</text>`]),
        ...(label > columns
          ? []
          : [`<text x="${left + middle}" y="${top + down + 18}" text-anchor="middle">${label}</text>`]),
      ];
    }),
    `</g>`,
    `<g class="axes" fill="${ink}" text-anchor="middle">`,
    `<text x="${left + across / 2}" y="${top + down + 44}">tested on task</text>`,
    `<text transform="translate(${left - gutter + 12} ${top + down / 2}) rotate(-90)">${rowsAre(ordered, down)}</text>`,
    `</g>`,
    `<g class="scale" transform="translate(${left + across + 26} ${top})">`,
    ...scale(Math.max(down, shortest)),
    `</g>`,
    `</svg>`,
  ].join("\n")}\n`;
}

function metric({ metrics }: RunResult, name: string): string {
  return formatPercent(metrics[name]);
}

/** The text for screen readers: the figures themselves if they are few. */
function description(matrix: readonly (readonly number[])[], ordered: boolean, heading: string): string {
  const tasks = matrix[0].length;
  const what = `${heading}. Test accuracy of ${tasks} ${tasks === 1 ? "task" : "tasks"}: a row for each ${ordered ? "task trained on" : "experience"}, a column for each task tested on, both counted from 1; dark is 0%, light is 100%.`;
  if (Math.max(matrix.length, tasks) > mostNumbered) return what;
  const unit = ordered ? "task" : "experience";
  const rows = matrix.map((row, i) => `After ${unit} ${i + 1}: ${row.map(formatPercent).join(", ")}.`);
  return [what, ...rows].join(" ");
}

/** The title of the rows' axis, as fully as its length allows. */
function rowsAre(ordered: boolean, length: number): string {
  if (!ordered) return length < 100 ? "after" : "after experience";
  return length < 150 ? "after task" : "after training on task";
}

function isNumbered(matrix: readonly (readonly number[])[]): boolean {
  return Math.max(matrix.length, matrix[0].length) <= mostNumbered;
}

function separateCells(matrix: readonly (readonly number[])[], cell: number, ordered: boolean): string[] {
  const numbered = isNumbered(matrix);
  const gap = numbered ? 2 : 1;
  return matrix.flatMap((row, i) =>
    row.flatMap((value, j) => {
      const colour = colourOf(value);
      const blank = Number.isNaN(value);
      const tip = `After ${ordered ? "task" : "experience"} ${i + 1}, tested on task ${j + 1}: ${blank ? "not evaluated" : formatPercent(value)}`;
      const rect = `<rect x="${j * cell}" y="${i * cell}" width="${cell - gap}" height="${cell - gap}" rx="${numbered ? 4 : 2}" fill="${blank ? background : hexOf(colour)}"><title>${tip}</title></rect>`;
      if (blank || !numbered) return [rect];
      const middle = (cell - gap) / 2;
      return [
        rect,
        `<text x="${j * cell + middle}" y="${i * cell + middle + 4}" text-anchor="middle" font-size="${cell < 48 ? 11 : 12}" fill="${inkOn(colour)}" pointer-events="none">${percentNumber(value)}</text>`,
      ];
    }),
  );
}

function coloured(matrix: readonly (readonly number[])[], cell: number): string[] {
  return Array.from(
    mergedCells(matrix, cell),
    ([colour, path]) => `<path shape-rendering="crispEdges" fill="${colour}" d="${path}"/>`,
  );
}

/** A frame around each task just after it was learned. */
function taskFrames(matrix: readonly (readonly number[])[], tasks: readonly (number | null)[], cell: number): string[] {
  const numbered = isNumbered(matrix);
  const inset = 2.5;
  const size = cell - (numbered ? 2 : 1) - 2 * inset;
  return matrix.flatMap((row, i) => {
    const task = tasks[i] ?? null;
    if (task === null) return [];
    return [
      `<rect x="${task * cell + inset}" y="${i * cell + inset}" width="${size}" height="${size}" rx="${numbered ? 2 : 1}" stroke="${inkOn(colourOf(row[task]))}" stroke-opacity="0.6" pointer-events="none"/>`,
    ];
  });
}

function diagonalStairs(tasks: number, cell: number): string[] {
  const path = diagonal(tasks, cell);
  return [
    `<path d="${path}" stroke="#10131a" stroke-opacity="0.55" stroke-width="2"/>`,
    `<path d="${path}" stroke="#ffffff" stroke-opacity="0.9" stroke-width="0.8"/>`,
  ];
}

function scale(side: number): string[] {
  const parts = 100;
  const bars = Array.from({ length: parts }, (_, i) => {
    // Each bar reaches down to the end and the next one covers it: no seams between them.
    const y = Math.round((i * side) / parts);
    return `<path fill="${hexOf(colourOf(1 - (i + 0.5) / parts))}" d="M0 ${y}h14V${side}h-14z"/>`;
  });
  const marks = side < 120 ? [0, 0.5, 1] : [0, 0.25, 0.5, 0.75, 1];
  const labels = marks.map((mark) => {
    const y = Math.round((1 - mark) * side);
    return `<text x="21" y="${y + 4}" fill="${quietInk}">${formatPercent(mark).replace(".0", "")}</text>`;
  });
  return [...bars, ...labels];
}
