// Winograd's F(2 × 2, 3 × 3): a convolution of tiles of 4 × 4 pixels, which overlap, to tiles of 2 × 2.
import { addBiases } from "./convolution.js";
import { type Images, images, type Pass, type Shape } from "./image.js";
import { kernelOf, type Part } from "./plan.js";
import { addInputs, addOutputs, addTo, addWeights } from "./products.js";

/** Whether a convolution is computed in this way. */
export function isWinograd({ layer, input, output }: Part): boolean {
  if (layer.layer !== "conv") return false;
  const { rows, columns, stride, padding, groups, filters } = kernelOf(layer, input);
  const fits = rows === 3 && columns === 3 && stride === 1 && padding === 1 && groups === 1;
  return fits && output.height % 2 === 0 && output.width % 2 === 0 && input.channels >= 16 && filters >= 16;
}

/** A number for each tile and channel, or for each weight between channels: all of them are transformed alike. */
type Numbers = Float32Array;
type Square<T> = readonly (readonly T[])[];
type Transform = (...of: Numbers[]) => Numbers[];

/** What goes into a Float32Array is rounded to float32. */
function each({ length }: Numbers, value: (i: number) => number): Numbers {
  const result = new Float32Array(length);
  for (let i = 0; i < length; i++) result[i] = value(i);
  return result;
}
const plus = (a: Numbers, b: Numbers): Numbers => each(a, (i) => a[i] + b[i]);
const minus = (a: Numbers, b: Numbers): Numbers => each(a, (i) => a[i] - b[i]);
const half = (a: Numbers): Numbers => each(a, (i) => a[i] * 0.5);
const negative = (a: Numbers): Numbers => each(a, (i) => -a[i]);

const ofWeights: Transform = (a, b, d) => {
  const s = half(plus(a, d));
  const h = half(b);
  return [a, plus(s, h), minus(s, h), d];
};
const ofInputs: Transform = (a, b, d, e) => [minus(a, d), plus(b, d), minus(d, b), minus(b, e)];
const toOutputs: Transform = (a, b, d, e) => [plus(plus(a, b), d), minus(minus(b, d), e)];
const ofDeltas: Transform = (a, b) => [a, plus(a, b), minus(a, b), negative(b)];
const toWeights: Transform = (a, b, d, e) => {
  const s = half(plus(b, d));
  return [plus(a, s), half(minus(b, d)), plus(s, e)];
};
const toInputs: Transform = (a, b, d, e) => [a, plus(minus(b, d), e), minus(plus(b, d), a), negative(e)];

const square = <T>(side: number, of: (i: number, j: number) => T): Square<T> =>
  Array.from({ length: side }, (_, i) => Array.from({ length: side }, (_, j) => of(i, j)));

const transposed = <T>(m: Square<T>): Square<T> => m[0].map((_, j) => m.map((row) => row[j]));

/** Transforms the columns, then the rows. */
const both = (m: Square<Numbers>, transform: Transform): Square<Numbers> =>
  transposed(transposed(m).map((column) => transform(...column))).map((row) => transform(...row));

const eachOf = <T>(m: Square<T>, visit: (value: T, i: number, j: number) => void): void => {
  m.forEach((row, i) => row.forEach((value, j) => visit(value, i, j)));
};

/** For each pixel of a tile, where its first channel stands in each tile; −1 outside of the image. */
function placesOf(n: number, { height, width, channels }: Shape, side: number, before: number): Square<number[]> {
  const count = (height / 2) * (width / 2); // tiles of an image: example by example, row by row
  return square(side, (i, j) =>
    Array.from({ length: n * count }, (_, tile) => {
      const example = Math.floor(tile / count);
      const row = 2 * Math.floor((tile % count) / (width / 2)) + i - before;
      const column = 2 * (tile % (width / 2)) + j - before;
      const isInside = row >= 0 && row < height && column >= 0 && column < width;
      return isInside ? ((example * height + row) * width + column) * channels : -1;
    }),
  );
}

/** The numbers that stand at places, a row of them at each; zeros outside of the image. */
const taken = (of: Float32Array, places: Square<number[]>, length: number): Square<Numbers> =>
  square(places.length, (i, j) => {
    const numbers = new Float32Array(places[i][j].length * length);
    places[i][j].forEach((place, t) => {
      if (place >= 0) numbers.set(of.subarray(place, place + length), t * length);
    });
    return numbers;
  });

export function winograd({ theta, tape }: Pass, { layer, at, input, output, frozen }: Part, x: Images): Images {
  if (layer.layer !== "conv") throw new TypeError();
  const kernel = kernelOf(layer, input);
  const { filters, hasBias } = kernel;
  const { channels } = input;
  const size = channels * filters;
  const y = images(x.n, output);
  const inputs = placesOf(x.n, input, 4, 1);
  const outputs = placesOf(x.n, output, 2, 0);
  const weights = square(3, (i, j) => [at + (3 * i + j) * size]);
  const tiles = inputs[0][0].map((_, tile) => tile);
  const ofTile = (numbers: Numbers, tile: number, length: number) =>
    numbers.subarray(tile * length, (tile + 1) * length);

  const u = both(taken(theta, weights, size), ofWeights);
  const v = both(taken(x.values, inputs, channels), ofInputs);
  const m = square(4, () => new Float32Array(tiles.length * filters));
  for (const tile of tiles)
    eachOf(u, (own, i, j) => {
      addOutputs(ofTile(m[i][j], tile, filters), ofTile(v[i][j], tile, channels), own, kernel);
    });
  const bias = hasBias ? theta.slice(at + 9 * size, at + 9 * size + filters) : new Float32Array(filters);
  eachOf(both(m, toOutputs), (numbers, i, j) => {
    for (const tile of tiles) y.values.set(plus(ofTile(numbers, tile, filters), bias), outputs[i][j][tile]);
  });

  tape.push((sums) => {
    const dm = both(taken(y.deltas, outputs, filters), ofDeltas);
    const dv = square(4, () => new Float32Array(tiles.length * channels));
    for (const tile of tiles)
      eachOf(u, (own, i, j) => {
        addInputs(ofTile(dv[i][j], tile, channels), ofTile(dm[i][j], tile, filters), own, kernel);
      });
    const dx = both(dv, toInputs);
    for (const tile of tiles)
      eachOf(dx, (numbers, i, j) => {
        if (inputs[i][j][tile] >= 0) addTo(x.deltas, inputs[i][j][tile], ofTile(numbers, tile, channels));
      });
    if (frozen) return;
    const du = square(4, () => new Float32Array(size));
    for (const tile of tiles)
      eachOf(du, (own, i, j) => {
        addWeights(own, ofTile(v[i][j], tile, channels), ofTile(dm[i][j], tile, filters), kernel);
      });
    eachOf(both(du, toWeights), (numbers, i, j) => addTo(sums, weights[i][j][0], numbers));
    if (hasBias) addBiases(sums, at + 9 * size, y);
  });
  return y;
}
