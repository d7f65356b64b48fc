import { frame, picture, round } from "./frame.js";
import { type Element, el, type Markup } from "./markup.js";
import { linear, logarithmic } from "./scale.js";

/** A learner by what it costs and what it retains. */
export interface Point {
  readonly label: string;
  /** The cost, above 0. */
  readonly cost: number;
  /** The retained accuracy, a fraction. */
  readonly accuracy: number;
  readonly preview: boolean;
}

/** The points than which none is both cheaper and better, or one of the two and in the other alike; by cost, ascending. */
export function paretoFront(points: readonly Point[]): Point[] {
  const sorted = points.toSorted((a, b) => a.cost - b.cost || b.accuracy - a.accuracy);
  const front: Point[] = [];
  for (const point of sorted) {
    const last = front.at(-1);
    const twin = point.cost === last?.cost && point.accuracy === last.accuracy;
    if (twin || point.accuracy > (last?.accuracy ?? -Infinity)) front.push(point);
  }
  return front;
}

const [width, height] = [460, 320];
const box = { left: 40, top: 30, right: 448, bottom: 272 };
const percent = (fraction: number): string => `${Number((100 * fraction).toFixed(1))}%`;

/** Accuracy against cost, its axis logarithmic; the front is a line, and its learners are named. */
export function paretoPlot(points: readonly Point[], costTitle: string, costText: (cost: number) => string): Element {
  const x = logarithmic(
    points.map(({ cost }) => cost),
    [box.left + 8, box.right - 8],
  );
  const y = linear(
    points.map(({ accuracy }) => accuracy),
    [box.bottom - 6, box.top + 6],
  );
  const at = ({ cost, accuracy }: Point) => [round(x.at(cost)), round(y.at(accuracy))] as const;
  // A preview may not last; it leads only where there is nothing else.
  const official = points.filter(({ preview }) => !preview);
  const front = paretoFront(official.length > 0 ? official : points);
  const leading = new Set(front);
  const steps = front.map((point, i) => {
    const [px, py] = at(point);
    return i === 0 ? `M${px} ${py}` : `H${px}V${py}`;
  });
  const end = front.length > 0 ? `H${box.right}` : "";
  const named = front.map(({ label, cost, accuracy }) => `${label} (${costText(cost)}, ${percent(accuracy)})`);
  const label = `Retained accuracy against ${costTitle}, ${points.length} learners. On the front, the cheapest first: ${named.slice(0, 30).join("; ")}.`;
  return picture(
    [width, height],
    label,
    { class: "chart pareto" },
    frame(
      box,
      { scale: x, title: `${costTitle} →`, text: costText },
      { scale: y, title: "↑ retained accuracy", text: percent },
    ),
    el("path", { class: "front", d: `${steps.join("")}${end}` }),
    ...dots(
      points.filter((point) => !leading.has(point)),
      at,
      costText,
    ),
    ...front.map((point) => dot(point, at(point), "dot leading", costText)),
    ...labels(front, points, at),
  );
}

/** Draws the dots; of dots that coincide only one. */
function dots(
  points: readonly Point[],
  at: (point: Point) => readonly [number, number],
  text: (cost: number) => string,
): Markup[] {
  const places = new Map(points.map((point) => [at(point).map(Math.round).join(), point]));
  return Array.from(places.values(), (point) => dot(point, at(point), "dot", text));
}

function dot(point: Point, [cx, cy]: readonly [number, number], name: string, text: (cost: number) => string): Element {
  const { label, cost, accuracy, preview } = point;
  const says = `${label}: ${percent(accuracy)} at ${text(cost)}${preview ? " (preview)" : ""}`;
  return el("circle", { class: preview ? `${name} preview` : name, cx, cy, r: 4.5 }, el("title", {}, says));
}

type Rectangle = readonly [left: number, top: number, right: number, bottom: number];

/**
 * Places names beside the dots: first those of the front, then the others, each where it covers no dot, no other name
 * and not the front.
 */
function labels(
  front: readonly Point[],
  points: readonly Point[],
  at: (point: Point) => readonly [number, number],
): Markup[] {
  const taken: Rectangle[] = points.slice(0, 400).map((point) => {
    const [x, y] = at(point);
    return [x - 5, y - 5, x + 5, y + 5];
  });
  front.forEach((point, i) => {
    const [x, y] = at(point);
    const [fromX, fromY] = i === 0 ? [x, y] : at(front[i - 1]);
    taken.push([fromX, fromY, x, fromY], [x, y, x, fromY]);
    if (i === front.length - 1) taken.push([x, y, box.right, y]);
  });
  const others = points.length > 30 ? [] : points.filter((point) => !front.includes(point));
  return [...front.slice(0, 30), ...others].map((point) => {
    const [x, y] = at(point);
    const text = Array.from(point.label).slice(0, 26).join("");
    const long = 6.6 * Array.from(text).length;
    const choices = [
      [x - 8 - long, y - 5],
      [x - long / 2, y - 9],
      [x + 8, y + 4],
      [x + 8, y + 15],
      [x - 8 - long, y + 15],
      [x - long / 2, y + 18],
    ] as const;
    const free = choices
      .map(([left, base]): Rectangle => [left, base - 11, left + long, base + 3])
      .find(
        (one) =>
          one[0] > box.left - 2 && one[2] < width - 2 && one[1] > 14 && !taken.some((other) => overlap(one, other)),
      );
    if (!free) return null;
    taken.push(free);
    const strong = front.includes(point) ? "name leading" : "name";
    return el("text", { class: strong, x: round(free[0]), y: round(free[3] - 3) }, text);
  });
}

function overlap(a: Rectangle, b: Rectangle): boolean {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}
