import { line, side } from "./ink.js";
import { type Knot, type Stroke, skeletons } from "./skeletons.js";

/** How much the hand varies: standard deviations of normal numbers, unless two numbers give a uniform range. */
const hand = {
  /** the knots of a skeleton, in hundredths of the digit's height */
  knot: 5,
  /** the tangent of half the angle of rotation: 0.07 is 8° */
  turn: 0.07,
  /** how far the top leans to the right, by height: a mean and a standard deviation */
  slant: [0.1, 0.15],
  /** the digit's height in pixels, and by what factor it is wider than its skeleton */
  height: [18, 20],
  width: [0.85, 1.15],
  /** the place of the digit's centre, in pixels */
  shift: 0.5,
  /** the nodes of the elastic distortion, in pixels; and their number a side */
  stretch: [-4, 4],
  nodes: 7,
  /** half the width of a stroke in pixels, and by what factor it changes towards the stroke's end */
  radius: [0.9, 1.7],
  pressure: [0.7, 1.3],
  /** the lightness of the ink, and how many pixels a stroke's edge takes to fade */
  ink: [170, 255],
  fade: [0.9, 1.6],
} as const;

const between = (uniform: () => number, [low, high]: readonly [number, number]): number =>
  low + (high - low) * uniform();

/** Mean 0, variance 1: the sum of three uniform numbers in [−1, 1), each of variance ⅓, is close to normal. */
const normal = (uniform: () => number): number => 2 * (uniform() + uniform() + uniform()) - 3;

/** Moves a point of the page; the answer is in the same two places of the array. */
type Warp = (point: Float64Array) => void;

/** A smooth displacement of the page: a uniform cubic B-spline over a lattice of random nodes. */
function elastic(uniform: () => number): Warp {
  const { nodes } = hand;
  const lattice = Float64Array.from({ length: 2 * nodes * nodes }, () => between(uniform, hand.stretch));
  const cells = nodes - 3;
  const column = new Float64Array(4);
  const row = new Float64Array(4);
  /** The four weights of a place on an axis; answers the first node that they are for. */
  const weigh = (place: number, weights: Float64Array): number => {
    const scaled = Math.min(Math.max((place / side) * cells, 0), cells);
    const cell = Math.min(Math.floor(scaled), cells - 1);
    const t = scaled - cell;
    const u = 1 - t;
    weights[0] = (u * u * u) / 6;
    weights[1] = (4 - 6 * t * t + 3 * t * t * t) / 6;
    weights[2] = (4 - 6 * u * u + 3 * u * u * u) / 6;
    weights[3] = (t * t * t) / 6;
    return cell;
  };
  return (point) => {
    const left = weigh(point[0], column);
    const top = weigh(point[1], row);
    let dx = 0;
    let dy = 0;
    for (let j = 0; j < 4; j++) {
      for (let i = 0; i < 4; i++) {
        const weight = row[j] * column[i];
        const at = 2 * ((top + j) * nodes + left + i);
        dx += weight * lattice[at];
        dy += weight * lattice[at + 1];
      }
    }
    point[0] += dx;
    point[1] += dy;
  };
}

/** Puts a skeleton's point onto the page, in pixels: slanted, scaled, turned, moved. */
function affine(uniform: () => number): Warp {
  // cos and sin by the tangent t of half the angle, as their rounding is not the same everywhere
  const t = hand.turn * normal(uniform);
  const cos = (1 - t * t) / (1 + t * t);
  const sin = (2 * t) / (1 + t * t);
  const slant = hand.slant[0] + hand.slant[1] * normal(uniform);
  const height = between(uniform, hand.height) / 100;
  const width = height * between(uniform, hand.width);
  const centreX = side / 2 + hand.shift * normal(uniform);
  const centreY = side / 2 + hand.shift * normal(uniform);
  return (point) => {
    const y = point[1] - 50;
    const x = (point[0] - 35 - slant * y) * width;
    point[0] = centreX + cos * x - sin * (y * height);
    point[1] = centreY + sin * x + cos * (y * height);
  };
}

/**
 * The points of a curve through a stroke's knots: Catmull-Rom, with tangents from one side where the pen stops.
 * The points are at most about 15 hundredths apart, as straight lines bend on the page, too.
 */
function flatten(knots: Stroke): number[] {
  const points = [knots[0].x, knots[0].y];
  for (let k = 0; k + 1 < knots.length; k++) {
    const from = knots[k];
    const to = knots[k + 1];
    const before = from.stops ? from : knots[k - 1];
    const after = to.stops ? to : knots[k + 2];
    const half = (stops: boolean) => (stops ? 1 : 0.5);
    const startX = half(from.stops) * (to.x - before.x);
    const startY = half(from.stops) * (to.y - before.y);
    const endX = half(to.stops) * (after.x - from.x);
    const endY = half(to.stops) * (after.y - from.y);
    const dx = to.x - from.x;
    const dy = to.y - from.y;
    const pieces = 2 + Math.floor(Math.sqrt(dx * dx + dy * dy) / 15);
    for (let piece = 1; piece <= pieces; piece++) {
      const t = piece / pieces;
      const u = 1 - t;
      const h0 = (1 + 2 * t) * u * u;
      const h1 = t * t * (3 - 2 * t);
      points.push(h0 * from.x + h1 * to.x + t * u * (u * startX - t * endX));
      points.push(h0 * from.y + h1 * to.y + t * u * (u * startY - t * endY));
    }
  }
  return points;
}

/** Draws one of the many shapes of `digit` into an empty `side` × `side` image of bytes: ink is light, paper is 0. */
export function draw(digit: number, uniform: () => number, image: Uint8Array): void {
  const ways = skeletons[digit];
  const way = ways[Math.floor(uniform() * ways.length)];
  const place = affine(uniform);
  const bend = elastic(uniform);
  const pen = { ink: between(uniform, hand.ink), fade: between(uniform, hand.fade) };
  const radius = between(uniform, hand.radius);
  const point = new Float64Array(2);
  const shake = ({ x, y, stops }: Knot): Knot => ({
    x: x + hand.knot * normal(uniform),
    y: y + hand.knot * normal(uniform),
    stops,
  });
  for (const stroke of way) {
    const points = flatten(stroke.map(shake));
    const pressure = between(uniform, hand.pressure) - 1;
    const last = points.length - 2;
    let x = 0;
    let y = 0;
    for (let p = 0; p <= last; p += 2) {
      point[0] = points[p];
      point[1] = points[p + 1];
      place(point);
      bend(point);
      if (p > 0) line(image, pen, radius * (1 + pressure * ((2 * p) / last - 1)), x, y, point[0], point[1]);
      [x, y] = point;
    }
  }
}
