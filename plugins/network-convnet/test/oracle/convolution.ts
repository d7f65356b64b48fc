import { type Images, images, type Pass } from "./image.js";
import { kernelOf, type Part, type Window, weightsOf } from "./plan.js";
import { addInputs, addOutputs, addTo, addWeights } from "./products.js";

const f = Math.fround;

/**
 * Calls `visit(from, to)` with each place in `x` that the window's pixel (row, column) meets, and the place in `y` for which
 * it does, example by example, row by row. Both are places of first channels; there are none outside of the image.
 */
export function eachMeeting(
  x: Images,
  y: Images,
  { stride, padding }: Window,
  [row, column]: readonly [number, number],
  visit: (from: number, to: number) => void,
): void {
  for (let example = 0; example < x.n; example++)
    for (let i = 0; i < y.height; i++)
      for (let j = 0; j < y.width; j++) {
        const [k, l] = [i * stride + row - padding, j * stride + column - padding];
        if (k < 0 || k >= x.height || l < 0 || l >= x.width) continue;
        const from = ((example * x.height + k) * x.width + l) * x.channels;
        visit(from, ((example * y.height + i) * y.width + j) * y.channels);
      }
}

/** The pixels of a window, row by row. */
export const pixelsOf = ({ rows, columns }: Window): [row: number, column: number][] =>
  Array.from({ length: rows * columns }, (_, k) => [Math.floor(k / columns), k % columns]);

/** Adds the derivatives by biases: those by the outputs, pixel by pixel. */
export function addBiases(sums: Float32Array, at: number, y: Images): void {
  y.deltas.forEach((delta, i) => {
    const bias = at + (i % y.channels);
    sums[bias] = f(sums[bias] + delta);
  });
}

/** A convolution of any kind, or a dense layer, by the definition. */
export function convolution({ theta, tape }: Pass, { layer, at, input, output, frozen }: Part, x: Images): Images {
  if (layer.layer !== "conv" && layer.layer !== "depthwise conv" && layer.layer !== "dense") throw new TypeError();
  const kernel = kernelOf(layer, input);
  const { filters, inputs, groups, hasBias } = kernel;
  const size = weightsOf(kernel);
  const y = images(x.n, output);
  const inputsAt = (of: Float32Array, from: number) => of.subarray(from, from + x.channels);
  const outputsAt = (of: Float32Array, to: number) => of.subarray(to, to + filters);
  /** Calls `visit` for each pixel of the window with the weights there, taken from all of them, and with each place. */
  const eachPixel = (all: Float32Array, visit: (weights: Float32Array, from: number, to: number) => void) => {
    pixelsOf(kernel).forEach((pixel, k) => {
      const weights = all.subarray(k * inputs * filters, (k + 1) * inputs * filters);
      eachMeeting(x, y, kernel, pixel, (from, to) => visit(weights, from, to));
    });
  };
  const weights = theta.subarray(at, at + size);

  if (hasBias) for (let i = 0; i < y.values.length; i++) y.values[i] = theta[at + size + (i % filters)];
  eachPixel(weights, (own, from, to) => {
    addOutputs(outputsAt(y.values, to), inputsAt(x.values, from), own, kernel);
  });

  tape.push((sums) => {
    eachPixel(weights, (own, from, to) => {
      addInputs(inputsAt(x.deltas, from), outputsAt(y.deltas, to), own, kernel);
    });
    if (frozen) return;
    // Those of groups are summed by themselves, and added in the end; but not where each channel is a group of its own.
    const isApart = groups > 1 && !(inputs === 1 && filters === groups);
    const totals = isApart ? new Float32Array(size) : sums.subarray(at, at + size);
    eachPixel(totals, (own, from, to) => {
      addWeights(own, inputsAt(x.values, from), outputsAt(y.deltas, to), kernel);
    });
    if (isApart) addTo(sums, at, totals);
    if (hasBias) addBiases(sums, at + size, y);
  });
  return y;
}
