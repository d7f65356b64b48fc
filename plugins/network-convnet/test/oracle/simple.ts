// The layers without parameters.
import { eachMeeting, pixelsOf } from "./convolution.js";
import { flat, type Images, images, type Pass } from "./image.js";
import { type Part, windowOf } from "./plan.js";

const f = Math.fround;

export function relu({ tape }: Pass, x: Images): Images {
  const y = images(x.n, x);
  x.values.forEach((value, i) => (y.values[i] = value <= 0 ? 0 : value));
  tape.push(() => {
    y.deltas.forEach((delta, i) => (x.deltas[i] = f(x.deltas[i] + (y.values[i] <= 0 ? 0 : delta))));
  });
  return y;
}

/** A row of all of an image's values, which is an image of its own unless the other is a row already. */
export function flatten({ tape }: Pass, x: Images): Images {
  if (x.height === 1 && x.width === 1) return x;
  const y = images(x.n, flat(x));
  y.values.set(x.values);
  tape.push(() => {
    y.deltas.forEach((delta, i) => (x.deltas[i] = f(x.deltas[i] + delta)));
  });
  return y;
}

export function sum({ tape }: Pass, x: Images, other: Images): Images {
  const y = images(x.n, x);
  x.values.forEach((value, i) => (y.values[i] = f(value + other.values[i])));
  tape.push(() => {
    for (const read of [x, other]) y.deltas.forEach((delta, i) => (read.deltas[i] = f(read.deltas[i] + delta)));
  });
  return y;
}

export function maxPool({ tape }: Pass, { layer, input, output }: Part, x: Images): Images {
  if (layer.layer !== "max pool") throw new TypeError();
  const window = windowOf(layer, input);
  const y = images(x.n, output);
  const largest = new Int32Array(y.values.length).fill(-1); // the place of each
  for (const pixel of pixelsOf(window))
    eachMeeting(x, y, window, pixel, (from, to) => {
      for (let c = 0; c < x.channels; c++)
        if (largest[to + c] < 0 || x.values[from + c] > x.values[largest[to + c]]) largest[to + c] = from + c;
    });
  largest.forEach((from, to) => (y.values[to] = x.values[from]));
  tape.push(() => {
    largest.forEach((from, to) => (x.deltas[from] = f(x.deltas[from] + y.deltas[to])));
  });
  return y;
}

export function averagePool({ tape }: Pass, { layer, input, output }: Part, x: Images): Images {
  if (layer.layer !== "average pool" && layer.layer !== "global average") throw new TypeError();
  const window = windowOf(layer, input);
  const share = f(1 / (window.rows * window.columns));
  const y = images(x.n, output);
  for (const pixel of pixelsOf(window))
    eachMeeting(x, y, window, pixel, (from, to) => {
      for (let c = 0; c < x.channels; c++) y.values[to + c] = f(y.values[to + c] + x.values[from + c]);
    });
  y.values.forEach((value, i) => (y.values[i] = f(value * share)));
  tape.push(() => {
    // Window by window: of the windows over a pixel, the first is the one in which the pixel is the last.
    for (const pixel of pixelsOf(window).reverse())
      eachMeeting(x, y, window, pixel, (from, to) => {
        for (let c = 0; c < x.channels; c++) x.deltas[from + c] = f(x.deltas[from + c] + f(y.deltas[to + c] * share));
      });
  });
  return y;
}
