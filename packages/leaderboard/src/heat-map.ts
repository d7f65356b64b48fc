import { colourOf, hexOf, inkOn } from "./palette.js";
import { formatPercent, percentNumber } from "./percent.js";
import { accuracyMatrix, type RunResult } from "./result.js";
import { escapeXml, shorten } from "./xml.js";

const margin = 24;
const narrowest = 460; // so that the lines of the heading fit
const ink = "#1b1f27";
const quietInk = "#565e6c";

/** Above this many tasks, cells carry no numbers. */
const mostNumbered = 12;
/** Above this many tasks, cells of one colour are one path without tooltips, which keeps 100 × 100 small. */
const mostSeparate = 25;

/**
 * R as a picture: an SVG document that needs nothing else, rows: after training on task i, columns: tested on task j.
 * The colours always span 0% to 100%, so that two pictures compare. Equal results give equal bytes. Tasks count from 1.
 * @param options.title the heading; by default the run's name and seed.
 * @throws RangeError where R is not T × T with fractions.
 */
export function accuracyHeatMap(result: RunResult, options: { readonly title?: string } = {}): string {
  const matrix = accuracyMatrix(result);
  const tasks = matrix.length;
  const cell = tasks <= mostNumbered ? Math.min(64, Math.floor(516 / tasks)) : Math.max(2, Math.round(480 / tasks));
  const side = cell * tasks;
  const gutter = 34 + 8 * String(tasks).length;
  const inner = gutter + side + 84;
  const width = Math.max(narrowest, inner + 2 * margin);
  const left = Math.floor((width - inner) / 2) + gutter;
  const top = 92;
  const height = top + side + 72;
  const room = Math.floor((width - 2 * margin) / 11); // characters of the heading's first line
  const suffix = options.title === undefined ? ` · seed ${result.seed}` : "";
  const title = options.title ?? result.name;
  const heading = `Retained accuracy (RA) ${metric(result, "retainedAccuracy")} · learning accuracy (LA) ${metric(result, "learningAccuracy")}`;

  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>${escapeXml(title + suffix)}</title>`,
    `<desc>${escapeXml(description(matrix, heading))}</desc>`,
    `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="10" fill="#ffffff" stroke="#d5d9e0"/>`,
    `<text x="${margin}" y="41" font-size="17" font-weight="600" fill="${ink}">${escapeXml(shorten(title, room - suffix.length) + suffix)}</text>`,
    `<text x="${margin}" y="63" fill="${quietInk}">${escapeXml(heading)}</text>`,
    `<g class="cells" transform="translate(${left} ${top})">`,
    ...(tasks <= mostSeparate ? separateCells(matrix, cell) : mergedCells(matrix, cell)),
    `</g>`,
    `<g class="diagonal" transform="translate(${left} ${top})" fill="none">`,
    ...(tasks <= mostSeparate ? diagonalFrames(matrix, cell) : diagonalStairs(tasks, cell)),
    `</g>`,
    `<g class="ticks" fill="${quietInk}">`,
    ...ticks(tasks, cell).flatMap((task) => {
      const middle = cell * (task - 0.5);
      return [
        `<text x="${left - 8}" y="${top + middle + 4}" text-anchor="end">${task}</text>`,
        `<text x="${left + middle}" y="${top + side + 18}" text-anchor="middle">${task}</text>`,
      ];
    }),
    `</g>`,
    `<g class="axes" fill="${ink}" text-anchor="middle">`,
    `<text x="${left + side / 2}" y="${top + side + 44}">tested on task</text>`,
    `<text transform="translate(${left - gutter + 12} ${top + side / 2}) rotate(-90)">${side < 150 ? "after task" : "after training on task"}</text>`,
    `</g>`,
    `<g class="scale" transform="translate(${left + side + 26} ${top})">`,
    ...scale(side),
    `</g>`,
    `</svg>`,
  ].join("\n")}\n`;
}

function metric({ metrics }: RunResult, name: string): string {
  return formatPercent(metrics[name]);
}

/** What a screen reader says: the figures themselves while they are few. */
function description(matrix: readonly (readonly number[])[], heading: string): string {
  const tasks = matrix.length;
  const what = `${heading}. Test accuracy of ${tasks} ${tasks === 1 ? "task" : "tasks"}: a row for each task trained on, a column for each task tested on, both counted from 1; dark is 0%, light is 100%.`;
  if (tasks > mostNumbered) return what;
  const rows = matrix.map((row, i) => `After task ${i + 1}: ${row.map(formatPercent).join(", ")}.`);
  return [what, ...rows].join(" ");
}

function separateCells(matrix: readonly (readonly number[])[], cell: number): string[] {
  const numbered = matrix.length <= mostNumbered;
  const gap = numbered ? 2 : 1;
  return matrix.flatMap((row, i) =>
    row.flatMap((value, j) => {
      const colour = colourOf(value);
      const tip = `After task ${i + 1}, tested on task ${j + 1}: ${formatPercent(value)}`;
      const rect = `<rect x="${j * cell}" y="${i * cell}" width="${cell - gap}" height="${cell - gap}" rx="${numbered ? 4 : 2}" fill="${hexOf(colour)}"><title>${tip}</title></rect>`;
      if (!numbered) return [rect];
      const middle = (cell - gap) / 2;
      return [
        rect,
        `<text x="${j * cell + middle}" y="${i * cell + middle + 4}" text-anchor="middle" font-size="${cell < 48 ? 11 : 12}" fill="${inkOn(colour)}" pointer-events="none">${percentNumber(value)}</text>`,
      ];
    }),
  );
}

/** One path for each colour; neighbours of one colour in a row are one rectangle of it. */
function mergedCells(matrix: readonly (readonly number[])[], cell: number): string[] {
  const paths = new Map<string, string>();
  matrix.forEach((row, i) => {
    const colours = row.map((value) => hexOf(colourOf(value)));
    for (let start = 0, end = 0; start < row.length; start = end) {
      const colour = colours[start];
      while (end < row.length && colours[end] === colour) end++;
      const run = (end - start) * cell;
      paths.set(colour, `${paths.get(colour) ?? ""}M${start * cell} ${i * cell}h${run}v${cell}h-${run}z`);
    }
  });
  return Array.from(paths, ([colour, path]) => `<path shape-rendering="crispEdges" fill="${colour}" d="${path}"/>`);
}

function diagonalFrames(matrix: readonly (readonly number[])[], cell: number): string[] {
  const numbered = matrix.length <= mostNumbered;
  const inset = 2.5;
  const size = cell - (numbered ? 2 : 1) - 2 * inset;
  return matrix.map((row, i) => {
    const place = i * cell + inset;
    return `<rect x="${place}" y="${place}" width="${size}" height="${size}" rx="${numbered ? 2 : 1}" stroke="${inkOn(colourOf(row[i]))}" stroke-opacity="0.6" pointer-events="none"/>`;
  });
}

/** The upper edge of the diagonal: tasks right of it were not trained on yet. */
function diagonalStairs(tasks: number, cell: number): string[] {
  const path = `M0 0${`h${cell}v${cell}`.repeat(tasks)}`;
  return [
    `<path d="${path}" stroke="#10131a" stroke-opacity="0.55" stroke-width="2"/>`,
    `<path d="${path}" stroke="#ffffff" stroke-opacity="0.9" stroke-width="0.8"/>`,
  ];
}

/** The tasks that get a label: the first, and multiples of a round step that leaves room for the text. */
function ticks(tasks: number, cell: number): number[] {
  const step = cell >= 22 ? 1 : ([5, 10, 20, 50, 100, 200, 500].find((size) => size * cell >= 40) ?? 1000);
  return Array.from({ length: tasks }, (_, i) => i + 1).filter((task) => task === 1 || task % step === 0);
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
