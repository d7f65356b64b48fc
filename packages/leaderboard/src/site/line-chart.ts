import { type Axis, type Box, frame, picture, round } from "./frame.js";
import { type Element, el } from "./markup.js";

export interface Line {
  readonly label: string;
  /** x and y; a y of NaN leaves a gap. */
  readonly points: readonly (readonly [number, number])[];
}

/** The number of lines that colours and dashes tell apart. */
export const mostLines = 8;

const [width, height] = [460, 300];
export const chartBox: Box = { left: 40, top: 30, right: 448, bottom: 252 };

/** Lines in one picture with a legend below it: the first eight differ in colour and dashes, others are pale. */
export function lineChart(label: string, lines: readonly Line[], x: Axis, y: Axis): Element {
  const drawn = lines.map(({ points }, i) =>
    el("path", { class: i < mostLines ? `line line-${i}` : "line pale", d: pathOf(points, x.scale.at, y.scale.at) }),
  );
  return el(
    "div",
    { class: "lines" },
    picture([width, height], label, { class: "chart" }, frame(chartBox, x, y), ...drawn.toReversed()),
    el(
      "ul",
      { class: "legend" },
      ...lines
        .slice(0, mostLines)
        .map((line, i) =>
          el(
            "li",
            {},
            el(
              "svg",
              { viewBox: "0 0 26 10", width: 26, height: 10, "aria-hidden": "true" },
              el("path", { class: `line line-${i}`, d: "M1 5H25" }),
            ),
            el("bdi", {}, line.label),
          ),
        ),
      lines.length > mostLines ? el("li", {}, `and ${lines.length - mostLines} more, pale`) : null,
    ),
  );
}

/** A polyline; a value by itself, between gaps, is a dot where line ends are round. */
export function pathOf(
  points: readonly (readonly [number, number])[],
  across: (x: number) => number,
  up: (y: number) => number,
): string {
  let path = "";
  let pen = false;
  points.forEach(([x, y], i) => {
    if (Number.isNaN(y)) {
      pen = false;
      return;
    }
    const place = `${round(across(x))} ${round(up(y))}`;
    const alone = !pen && !(i + 1 < points.length && !Number.isNaN(points[i + 1][1]));
    path += pen ? `L${place}` : `M${place}${alone ? "h0" : ""}`;
    pen = true;
  });
  return path;
}
